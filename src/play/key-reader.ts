// What a terminal sends, cut into single keys. Keys that send escape sequences, and answers of the terminal itself, are
// passed over whole: their last character must never be taken for a key of that name.
// Sequences after ECMA-48, section 5, and https://invisible-island.net/xterm/ctlseqs/ctlseqs.html

const ESC = 0x1b;
const BEL = 0x07;
/** Ctrl-C is a key wherever it comes: no half a sequence may keep a user from getting out. */
const CTRL_C = 0x03;

type State = "ground" | "escape" | "csi" | "ss3" | "mouse" | "string" | "stringEscape";

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

/** Cuts input into keys. Keeps what a chunk cuts; a chunk that ends in ESC is the escape key. */
export class KeyReader {
  #state: State = "ground";
  #parameters = "";
  #mouseBytes = 0;
  #pasting = false;

  /** The ASCII characters that were typed as keys, one string each; pasted text is none. */
  read(bytes: Uint8Array): string[] {
    const keys: string[] = [];
    for (const byte of bytes) if (this.#isKey(byte)) keys.push(String.fromCharCode(byte));
    if (this.#state === "escape") this.#state = "ground";
    return keys;
  }

  #isKey(byte: number): boolean {
    if (byte === CTRL_C) {
      this.#state = "ground";
      return true;
    }
    if (this.#state === "ground" && byte !== ESC) return byte < 0x80 && !this.#pasting;
    this.#state = this.#follow(byte);
    return false;
  }

  #follow(byte: number): State {
    switch (this.#state) {
      case "ground":
        return "escape";
      case "escape":
        this.#parameters = "";
        return byte === ESC ? "escape" : (AFTER_ESCAPE.get(byte) ?? "ground");
      case "csi":
        return this.#followCsi(byte);
      case "ss3":
        return "ground";
      case "mouse":
        this.#mouseBytes += 1;
        return this.#mouseBytes < 3 ? "mouse" : "ground";
      case "string":
        if (byte === BEL) return "ground";
        return byte === ESC ? "stringEscape" : "string";
      case "stringEscape":
        return "ground";
    }
  }

  #followCsi(byte: number): State {
    if (byte === ESC) return "escape";
    if (byte < 0x40) {
      this.#parameters = `${this.#parameters}${String.fromCharCode(byte)}`.slice(0, 16);
      return "csi";
    }
    if (byte === 0x7e && this.#parameters === "200") this.#pasting = true;
    if (byte === 0x7e && this.#parameters === "201") this.#pasting = false;
    if (byte !== 0x4d || this.#parameters !== "") return "ground";
    this.#mouseBytes = 0; // X10 mouse report: three bytes follow, each of which could be a key
    return "mouse";
  }
}
