// The keys of an attached terminal that are t2a's own: the prefix key, and one more behind it. One table, which the keyboard obeys and the
// help shows; everything else is the session's.
import { type Key, KeyReader, keyName } from "../../play/terminal-parts.js";
import type { TerminalPiece } from "./terminal-pieces.js";

/** What a key behind the prefix can ask for. */
export type AttachAction = "detach" | "switch" | "scrollback" | "redraw" | "help" | "suspend" | "pan" | "cancel";

/** Keys that do the same. */
export interface AttachKey {
  /** By name, modifiers before it. */
  readonly keys: readonly string[];
  /** How the help names them, where that is not each by its name. */
  readonly shown?: string;
  readonly help: string;
  /** A word or two, for the status line; none there where absent. */
  readonly short?: string;
  readonly action: AttachAction;
}

/** All of them, in the order of the help. */
export const ATTACH_KEYS: readonly AttachKey[] = [
  { keys: ["d", "ctrl+d"], shown: "d", help: "detach: the session goes on", short: "detach", action: "detach" },
  { keys: ["s", "w"], shown: "s", help: "go to another session, from a list", short: "switch", action: "switch" },
  {
    keys: ["[", "pageup"],
    shown: "[",
    help: "what scrolled off: arrows, PgUp, PgDn, g, G; q leaves",
    short: "scroll",
    action: "scrollback",
  },
  { keys: ["r", "ctrl+l"], shown: "r", help: "draw everything again", action: "redraw" },
  { keys: ["?", "h", "f1"], shown: "?", help: "these keys", short: "help", action: "help" },
  {
    keys: ["left", "right", "up", "down"],
    shown: "arrows",
    help: "show another part of a larger session",
    action: "pan",
  },
  { keys: ["ctrl+z"], shown: "^Z", help: "stop this client; fg goes on", action: "suspend" },
  { keys: ["escape", "enter", "ctrl+c", "q"], shown: "escape", help: "nothing", action: "cancel" },
];

const ACTIONS: ReadonlyMap<string, AttachAction> = new Map(
  ATTACH_KEYS.flatMap(({ keys, action }) => keys.map((key) => [key, action] as const)),
);

/** What a piece of input comes to. */
export type AttachInput =
  | { readonly to: "session"; readonly piece: TerminalPiece }
  /** The prefix key was pressed: one more key is waited for. */
  | { readonly to: "prefix" }
  /** `action` undefined: the key means nothing behind the prefix. */
  | { readonly to: "command"; readonly action: AttachAction | undefined; readonly key: Key };

/** Ctrl as kitty counts modifiers, and the bits that lock keys set there. */
const CTRL = 4;
const LOCKS = 64 | 128;
/** Keys that type nothing, among them shift and ctrl alone. */
const FIRST_FUNCTIONAL = 57_344;
const LAST_FUNCTIONAL = 63_743;

/** Takes t2a's own keys out of the input. */
export class PrefixGate {
  readonly #prefix: number | undefined;
  #isPending = false;

  /** The byte that the prefix key sends; undefined: there is none, and everything is the session's. */
  constructor(prefix: number | undefined) {
    this.#prefix = prefix;
  }

  /** The prefix was pressed, and the key behind it not yet. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** Waits for no key any more. */
  cancel(): void {
    this.#isPending = false;
  }

  /** What a piece comes to: a text may be cut by keys of t2a's own. */
  take(piece: TerminalPiece): readonly AttachInput[] {
    if (piece.kind === "text") return this.#takeText(piece.bytes);
    if (piece.kind === "key") return this.#takeKey(piece);
    if (piece.kind === "paste") this.#isPending = false;
    return [{ to: "session", piece }];
  }

  #takeText(bytes: Uint8Array): AttachInput[] {
    const found: AttachInput[] = [];
    for (let at = 0; at < bytes.length; ) {
      if (this.#isPending) {
        at += this.#takeBehind(bytes.subarray(at), found);
        continue;
      }
      const prefix = this.#prefix === undefined ? -1 : bytes.indexOf(this.#prefix, at);
      const end = prefix < 0 ? bytes.length : prefix;
      if (end > at) found.push({ to: "session", piece: { kind: "text", bytes: bytes.subarray(at, end) } });
      if (prefix >= 0) this.#press(found);
      at = end + 1;
    }
    return found;
  }

  /** The key behind the prefix, typed as text. Gives how many bytes it is of. */
  #takeBehind(bytes: Uint8Array, found: AttachInput[]): number {
    this.#isPending = false;
    if (bytes[0] === this.#prefix) {
      found.push({ to: "session", piece: { kind: "text", bytes: bytes.subarray(0, 1) } });
      return 1;
    }
    const [character = ""] = Buffer.from(bytes.subarray(0, 4)).toString("utf8");
    const length = Math.max(1, Math.min(4, Buffer.byteLength(character)));
    this.#command(bytes.subarray(0, length), found);
    return length;
  }

  #takeKey(piece: TerminalPiece & { readonly kind: "key" }): AttachInput[] {
    const found: AttachInput[] = [];
    const isPrefix = this.#isPrefix(piece.bytes);
    if (piece.isRelease) return isPrefix || this.#isPending ? [] : [{ to: "session", piece }];
    if (isPrefix && !this.#isPending) this.#press(found);
    else if (!this.#isPending || isPrefix) {
      this.#isPending = false;
      found.push({ to: "session", piece });
    } else if (!isFunctional(piece.bytes)) {
      this.#isPending = false;
      this.#command(piece.bytes, found);
    }
    return found;
  }

  #press(found: AttachInput[]): void {
    this.#isPending = true;
    found.push({ to: "prefix" });
  }

  #command(bytes: Uint8Array, found: AttachInput[]): void {
    const reader = new KeyReader();
    const [key] = [...reader.read(bytes), ...reader.flush()];
    if (key?.kind === "key") found.push({ to: "command", action: ACTIONS.get(keyName(key)), key });
  }

  /** In kitty's protocol a control key is told by its character. */
  #isPrefix(bytes: Uint8Array): boolean {
    const match = kittyKey(bytes);
    if (match === undefined || this.#prefix === undefined || this.#prefix >= 0x20) return false;
    const character = String.fromCharCode(this.#prefix + 0x40).toLowerCase();
    return match.code === character.charCodeAt(0) && ((match.modifiers - 1) & ~LOCKS) === CTRL;
  }
}

function kittyKey(bytes: Uint8Array): { readonly code: number; readonly modifiers: number } | undefined {
  const match = /^\x1b\[([0-9]{1,7})(?::[0-9:]*)?(?:;([0-9]{0,4})(?::[0-9])?(?:;[0-9:]*)?)?u$/.exec(
    Buffer.from(bytes).toString("latin1"),
  );
  return match === null ? undefined : { code: Number(match[1]), modifiers: Number(match[2] || 1) };
}

function isFunctional(bytes: Uint8Array): boolean {
  const code = kittyKey(bytes)?.code ?? 0;
  return code >= FIRST_FUNCTIONAL && code <= LAST_FUNCTIONAL;
}
