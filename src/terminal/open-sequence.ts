// The control sequence that the last chunk cut, as text that puts a parser into the same state.

/** Longer beginnings are cut: strings by a program that never ends them, numbers without end. */
const MAX_SEQUENCE_LENGTH = 4096;
const MAX_STRING_LENGTH = 65_536;

/** The engine's parser states that matter here: 0 is ground; in 7, 8 and 13 the payload of a string arrives. */
const GROUND = 0;
const STRING_STATES: ReadonlySet<number> = new Set([7, 8, 13]);

// ESC and the C1 introducers begin a sequence whatever went before.
const LAST_INTRODUCER = /[\x1b\x90\x98\x9b\x9d-\x9f][^\x1b\x90\x98\x9b\x9d-\x9f]*$/;
const CONTROLS = /(?!^)[\x00-\x1f\x7f]/g;

/** Keeps the text of a sequence that is not complete. */
export class OpenSequence {
  #text = "";

  /** What was parsed, and the parser's state after it. */
  note(parsed: string, state: number): void {
    if (state === GROUND) {
      this.#text = "";
      return;
    }
    const isString = STRING_STATES.has(state);
    // A complete sequence is short: only where one is open has the chunk's end to be searched.
    const begin = LAST_INTRODUCER.exec(parsed)?.[0];
    const text = begin ?? this.#text + parsed;
    // Controls inside a sequence were obeyed when they came; inside a string they are part of it or ignored.
    const clean = isString ? text : text.replace(CONTROLS, "");
    this.#text = clean.slice(0, isString ? MAX_STRING_LENGTH : MAX_SEQUENCE_LENGTH);
  }

  get text(): string {
    return this.#text;
  }

  /** Becomes one whose {@link text} this was. */
  restore(text: string): void {
    this.#text = text;
  }
}
