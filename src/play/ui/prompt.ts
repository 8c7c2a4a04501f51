// A line that the user types below the recording.
import { visibleText } from "../../terminal/index.js";
import type { Key, Paste } from "../terminal-input.js";
import { fitText, textWidth } from "./text-width.js";

/** Characters typed at most. */
const MAX_LENGTH = 500;

/** What typing led to. */
export type PromptResult = "typed" | "entered" | "left" | "nothing";

/** What a prompt shows, and the column of its cursor. */
export interface PromptLine {
  readonly text: string;
  readonly cursor: number;
}

/** One line being typed, with what it is for before it. */
export class Prompt {
  readonly label: string;
  /** What is wrong with it, or is known of it. Safe to print. */
  note = "";
  #text = "";

  constructor(label: string) {
    this.label = label;
  }

  get text(): string {
    return this.#text;
  }

  /** Takes a key or a paste. Escape leaves, and so does erasing what is not there. */
  take(input: Key | Paste): PromptResult {
    if (input.kind === "paste") return this.#append(input.text.split(/[\r\n]/, 1)[0] ?? "");
    if (input.name === "enter") return "entered";
    if (input.name === "escape") return "left";
    if (input.name === "backspace") return this.#erase();
    if (input.ctrl && input.name === "u") return this.#become("");
    return input.text === undefined ? "nothing" : this.#append(input.text);
  }

  /** The line for so many columns: the end of a long text is seen, and the note where there is room. */
  line(cols: number): PromptLine {
    let shown = `${this.label}${this.#text}`;
    while (textWidth(shown) > Math.max(1, cols - 1)) shown = [...shown].slice(1).join("");
    const cursor = textWidth(shown);
    const room = cols - cursor - 2;
    return { text: this.note === "" || room < 1 ? shown : `${shown}  ${fitText(this.note, room)}`, cursor };
  }

  #append(text: string): PromptResult {
    return this.#become([...this.#text, ...visibleText(text)].slice(0, MAX_LENGTH).join(""));
  }

  #erase(): PromptResult {
    return this.#text === "" ? "left" : this.#become([...this.#text].slice(0, -1).join(""));
  }

  #become(text: string): PromptResult {
    this.#text = text;
    this.note = "";
    return "typed";
  }
}
