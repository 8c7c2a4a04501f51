// Screens as they stood of late, in the runtime folder: a daemon that starts anew reads from there on, not from the beginning of a
// recording. A help only: what cannot be read is dropped.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FinderState } from "../../analyze/index.js";
import { ULID } from "../../store/index.js";

/** A screen and what was known beside it, as after so many events of a recording. */
export interface SavedScreen {
  readonly sessionId: string;
  readonly recordingId: string;
  readonly events: number;
  /** `Screen.saveState`. */
  readonly state: Uint8Array;
  readonly finder: FinderState;
}

const VERSION = 1;
/** A larger file is none, bytes: the largest screens take 12 MB. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
const MAX_HEAD_BYTES = 4 * 1024 * 1024;
const NAME = /^([0-7][0-9A-HJKMNP-TV-Z]{25})\.screen$/;

/** The folder of saved screens. Nothing in it throws: a screen that is not saved is read from its recording. */
export class ScreenCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Gives whether it is saved. */
  save({ sessionId, recordingId, events, state, finder }: SavedScreen): boolean {
    const head = JSON.stringify({ version: VERSION, sessionId, recordingId, events, finder, hash: hashOf(state) });
    const path = this.#path(sessionId);
    const temporary = `${path}.${process.pid}.new`;
    try {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Buffer.byteLength(head));
      writeFileSync(temporary, Buffer.concat([length, Buffer.from(head), state]), { mode: 0o600 });
      renameSync(temporary, path);
      return true;
    } catch {
      rmSync(temporary, { force: true });
      return false;
    }
  }

  /** Undefined where there is none of that recording that can be read. */
  find(sessionId: string, recordingId: string): SavedScreen | undefined {
    try {
      const path = this.#path(sessionId);
      if (statSync(path).size > MAX_FILE_BYTES) return undefined;
      const bytes = readFileSync(path);
      const length = bytes.readUInt32BE(0);
      if (length > MAX_HEAD_BYTES) return undefined;
      const { version, hash, events, finder, ...head } = JSON.parse(bytes.toString("utf8", 4, 4 + length));
      const state = Uint8Array.from(bytes.subarray(4 + length));
      const isOurs = head.sessionId === sessionId && head.recordingId === recordingId && version === VERSION;
      if (!isOurs || hash !== hashOf(state) || !Number.isSafeInteger(events) || events < 0) return undefined;
      return { sessionId, recordingId, events, state, finder };
    } catch {
      return undefined; // none there, or damaged
    }
  }

  remove(sessionId: string): void {
    rmSync(this.#path(sessionId), { force: true });
  }

  /** Takes away what is of sessions that do not live. */
  sweep(isLive: (sessionId: string) => boolean): void {
    try {
      for (const name of readdirSync(this.#folder)) {
        const id = NAME.exec(name)?.[1];
        if (id === undefined ? name.endsWith(".new") : !isLive(id)) rmSync(join(this.#folder, name), { force: true });
      }
    } catch {
      // no folder: nothing to take away
    }
  }

  #path(sessionId: string): string {
    if (!ULID.test(sessionId)) throw new TypeError("a session's id is a ULID");
    return join(this.#folder, `${sessionId}.screen`);
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
