// What a terminal sends, cut into keys, mouse events and pasted text. Sequences that are no keys, answers of the terminal among
// them, are passed over whole: their last character must never be taken for a key of that name.
// Sequences after ECMA-48, section 5, and https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
import {
  characterKey,
  consoleKey,
  type Key,
  keypadKey,
  namedKey,
  sequenceInput,
  type TerminalInput,
  withAlt,
} from "./terminal-input.js";

const ESC = 0x1b;
const BEL = 0x07;
/** Ctrl-C is a key wherever it comes: no half a sequence may keep a user from getting out. */
const CTRL_C = 0x03;
const CTRL_C_KEY: Key = characterKey("\x03");
const MAX_PARAMETERS = 32;
/** ESC [ M and three bytes. */
const MOUSE_REPORT_BYTES = 6;
/** Bytes of pasted text; more is left out. */
const MAX_PASTE = 64 * 1024;
const PASTE_END = "\x1b[201~";

type State = "ground" | "escape" | "csi" | "console" | "ss3" | "mouse" | "string" | "stringEscape" | "paste";

/** What follows ESC into which state; anything else ends the sequence: a key with Alt. */
const AFTER_ESCAPE: ReadonlyMap<number, State> = new Map([
  [0x5b, "csi"],
  [0x4f, "ss3"],
  [0x5d, "string"],
  [0x50, "string"],
  [0x5f, "string"],
  [0x5e, "string"],
  [0x58, "string"],
]);

/** Cuts input, chunk by chunk. What a chunk cuts is kept for the next; see {@link KeyReader.waits}. */
export class KeyReader {
  #state: State = "ground";
  #parameters = "";
  #alt = false;
  /** Bytes of a sequence so far: a key typed with Alt begins as longer ones do. */
  #length = 0;
  #introducer = 0;
  #character: number[] = [];
  #missing = 0;
  #paste: number[] = [];
  #found: TerminalInput[] = [];

  readonly #handlers: Readonly<Record<State, (byte: number) => void>> = {
    ground: (byte) => this.#takeCharacter(byte),
    escape: (byte) => this.#followEscape(byte),
    csi: (byte) => this.#followCsi(byte),
    console: (byte) => this.#end(consoleKey(String.fromCharCode(byte))),
    ss3: (byte) => this.#followSs3(byte),
    mouse: () => this.#followMouse(),
    string: (byte) => this.#followString(byte),
    stringEscape: () => this.#end(),
    paste: (byte) => this.#followPaste(byte),
  };

  /** What the user did. */
  read(bytes: Uint8Array): readonly TerminalInput[] {
    for (const byte of bytes) this.#take(byte);
    return this.#takeFound();
  }

  /**
   * The latest chunk ended in what is a key if nothing more comes, and the beginning of a sequence if it does: ESC, or ESC and
   * one character. Whoever reads waits a little and then calls {@link flush}.
   */
  get waits(): boolean {
    return this.#state !== "ground" && this.#length <= 2;
  }

  /** Nothing more came: what waits is a key. */
  flush(): readonly TerminalInput[] {
    if (this.waits) {
      if (this.#state === "escape") this.#found.push(namedKey("escape"));
      else this.#found.push(withAlt(characterKey(String.fromCharCode(this.#introducer))));
      this.#end();
    }
    return this.#takeFound();
  }

  #takeFound(): readonly TerminalInput[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  #take(byte: number): void {
    if (byte === CTRL_C) {
      this.#found.push(CTRL_C_KEY);
      if (this.#state !== "paste") this.#end();
      return;
    }
    this.#length += 1;
    this.#handlers[this.#state](byte);
  }

  #takeCharacter(byte: number): void {
    if (byte < 0x80) {
      this.#missing = 0;
      if (byte === ESC) this.#begin();
      else this.#type(String.fromCharCode(byte));
    } else if (byte >= 0xc2 && byte <= 0xf4) {
      this.#character = [byte];
      this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    } else if (byte < 0xc0 && this.#missing > 0) {
      this.#character.push(byte);
      this.#missing -= 1;
      const text = this.#missing === 0 ? Buffer.from(this.#character).toString() : "";
      if (this.#missing === 0 && !text.includes("\ufffd")) this.#type(text);
    } else this.#missing = 0; // no UTF-8: no key
  }

  #type(text: string): void {
    const key = characterKey(text);
    if (key.name !== "") this.#found.push(this.#alt ? withAlt(key) : key);
    this.#alt = false;
  }

  #begin(): void {
    this.#state = "escape";
    this.#length = 1;
    this.#alt = false;
    this.#parameters = "";
  }

  /** A sequence ends, with what it said. */
  #end(input?: TerminalInput): void {
    this.#state = "ground";
    if (input !== undefined) this.#found.push(this.#alt && input.kind === "key" ? withAlt(input) : input);
    this.#alt = false;
  }

  #followEscape(byte: number): void {
    const state = AFTER_ESCAPE.get(byte);
    this.#introducer = byte;
    if (byte === ESC) {
      // Alt with a key that sends a sequence of its own, in some terminals.
      this.#begin();
      this.#alt = true;
    } else if (state !== undefined) this.#state = state;
    else {
      this.#state = "ground";
      this.#alt = true;
      this.#takeCharacter(byte);
    }
  }

  #followCsi(byte: number): void {
    if (byte === ESC) this.#begin();
    else if (byte < 0x40) {
      if (this.#parameters.length < MAX_PARAMETERS) this.#parameters += String.fromCharCode(byte);
    } else if (byte === 0x5b && this.#parameters === "") this.#state = "console";
    else if (byte === 0x4d && this.#parameters === "")
      this.#state = "mouse"; // X10 mouse report: three bytes follow, each of which could be a key
    else if (byte === 0x7e && this.#parameters === "200") {
      this.#state = "paste";
      this.#paste = [];
    } else this.#end(sequenceInput(this.#parameters, String.fromCharCode(byte)));
  }

  #followSs3(byte: number): void {
    const isModifier = byte >= 0x30 && byte <= 0x39; // some terminals put one here
    if (!isModifier) this.#end(keypadKey(String.fromCharCode(byte)));
  }

  #followMouse(): void {
    if (this.#length >= MOUSE_REPORT_BYTES) this.#end();
  }

  #followString(byte: number): void {
    if (byte === BEL) this.#end();
    else if (byte === ESC) this.#state = "stringEscape";
  }

  #followPaste(byte: number): void {
    const paste = this.#paste;
    paste.push(byte);
    // The end must be found also where the text is too long.
    if (paste.length > MAX_PASTE) paste.splice(MAX_PASTE - PASTE_END.length, 1);
    if (byte !== 0x7e || Buffer.from(paste.slice(-PASTE_END.length)).toString() !== PASTE_END) return;
    this.#paste = [];
    this.#end({ kind: "paste", text: Buffer.from(paste.slice(0, -PASTE_END.length)).toString() });
  }
}
