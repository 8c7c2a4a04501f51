// Lines as a screen showed them, gathered in passages. A terminal shows much again and again, as progress bars do: of that a passage has
// little.
//
// - A line that grows, as one does that is typed, is there once, as long as it became: when it was whole.
// - A line that is drawn again in its place, with other numbers or another sign of work in it, is there once in a passage.
// - The very same line is there once in a passage.
import type { Passage, ShownLine } from "../store/index.js";
import type { Appearance } from "../terminal/index.js";

/** Lines of a passage and UTF-16 units of them, about. */
const MAX_LINES = 160;
const MAX_UNITS = 12 * 1024;
/** A longer line goes on as another: an index bounds its passages. */
const MAX_LINE_UNITS = 112 * 1024;
/** What differs from one look at a progress bar to the next: numbers, signs that turn, bars that grow. */
const WORKING = /[0-9]+|[-\\|/](?= |$)|[\u2500-\u25ff\u2800-\u28ff]+|[#=>.]{2,}/gu;

/** Gathers appearances. */
export class PassageBuilder {
  #lines: ShownLine[] = [];
  #units = 0;
  readonly #seen = new Set<string>();

  /** Takes a line at its time; gives a passage where one is full. */
  add({ text, prefix }: Appearance, timeNs: number): Passage | undefined {
    const last = this.#lines.at(-1);
    if (last !== undefined && prefix === last.text.length && text.startsWith(last.text)) {
      this.#lines.pop();
      this.#units -= last.text.length + 1;
    } else {
      const key = prefix > 0 ? text.replace(WORKING, "0").replace(/ +/g, " ") : text;
      if (this.#seen.has(key) || this.#seen.has(text)) return undefined;
      this.#seen.add(key);
      this.#seen.add(text);
    }
    for (let at = 0; at < text.length; at += MAX_LINE_UNITS) {
      const part = text.slice(at, at + MAX_LINE_UNITS);
      this.#lines.push({ timeNs, text: part });
      this.#units += part.length + 1;
    }
    return this.#lines.length >= MAX_LINES || this.#units >= MAX_UNITS ? this.end() : undefined;
  }

  /** The passage that is not full yet; undefined where there is nothing in it. */
  end(): Passage | undefined {
    if (this.#lines.length === 0) return undefined;
    const lines = this.#lines;
    this.#lines = [];
    this.#units = 0;
    this.#seen.clear();
    return { lines };
  }
}
