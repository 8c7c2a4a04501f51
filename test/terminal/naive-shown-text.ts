// Appearances straight from their definition: after every event the whole screen is read, and nothing is taken for granted. A
// second opinion for ShownText, which looks only where something changed.
import { ScreenLine } from "../../src/terminal/cells.js";
import { createEngine, type Engine } from "../../src/terminal/engine.js";
import type { EngineLine } from "../../src/terminal/engine-internals.js";
import { type Appearance, KEPT_UNITS } from "../../src/terminal/index.js";
import { Utf8Decoder } from "../../src/terminal/utf8.js";

/** What a line showed; one for each line and look. */
interface Held {
  readonly text: string;
}

interface Row {
  readonly line: ScreenLine;
  readonly was: Held | undefined;
  readonly list: unknown;
  /** Of one that scrolled off: the row below it went on. */
  readonly goesOn?: boolean | undefined;
  readonly object: EngineLine | undefined;
}

export class NaiveShownText {
  readonly appearances: Appearance[] = [];
  readonly #engine: Engine;
  readonly #decoder = new Utf8Decoder();
  readonly #held = new Map<EngineLine, Held>();
  #onScreen: Held[] = [];
  #scrolledOff: Row[] = [];

  constructor(size: { readonly cols: number; readonly rows: number }) {
    this.#engine = createEngine({
      ...size,
      onScroll: ({ scrollTop, scrollBottom, lines, ybase }, isWrapped) => {
        const line = lines.get(ybase);
        if (scrollTop > 0 || line === undefined) return;
        this.#scrolledOff.push({
          line: new ScreenLine(line),
          was: this.#held.get(line),
          list: lines,
          goesOn: scrollBottom === 0 ? isWrapped : lines.get(ybase + 1)?.isWrapped,
          object: undefined,
        });
        this.#held.delete(line);
      },
    });
  }

  feed(bytes: Uint8Array): void {
    this.#engine.parse(this.#decoder.decode(bytes));
  }

  resize(cols: number, rows: number): void {
    const { core } = this.#engine;
    if (cols !== core.cols || rows !== core.rows) this.#engine.resize(cols, rows);
  }

  look(): void {
    const found = new Set<Held>();
    const changed: { text: string; before: string }[] = [];
    const onScreen: Held[] = [];
    for (const rows of toLines([...this.#scrolledOff, ...this.#screenRows()])) {
      const text = textOf(rows);
      const was = rows[0]?.was;
      if (was?.text === text) found.add(was);
      else if (text !== "") changed.push({ text, before: was?.text ?? "" });
      const shown = rows.filter(({ object }) => object !== undefined);
      const held = { text: textOf(shown) };
      if (held.text !== "") onScreen.push(held);
      for (const { object } of shown) {
        if (object === undefined) continue;
        if (held.text === "") this.#held.delete(object);
        else this.#held.set(object, held);
      }
    }
    const gone = this.#onScreen.filter((held) => !found.has(held)).map(({ text }) => text);
    for (const { text, before } of changed) {
      const excuse = gone.indexOf(text);
      if (excuse >= 0) gone.splice(excuse, 1);
      else this.#appear(text, before);
    }
    this.#onScreen = onScreen;
    this.#scrolledOff = [];
  }

  dispose(): void {
    this.#engine.dispose();
  }

  #screenRows(): Row[] {
    const { lines, ybase } = this.#engine.core._bufferService.buffer;
    const rows: Row[] = [];
    for (let row = 0; row < this.#engine.core.rows; row++) {
      const object = lines.get(ybase + row);
      if (object === undefined) continue;
      rows.push({ line: new ScreenLine(object), was: this.#held.get(object), list: lines, object });
    }
    return rows;
  }

  #appear(text: string, before: string): void {
    let prefix = text.length;
    while (!before.startsWith(text.slice(0, prefix))) prefix--;
    let suffix = prefix === before.length ? 0 : text.length;
    while (!before.endsWith(text.slice(text.length - suffix))) suffix--;
    if (prefix === text.length || suffix === text.length) return;
    const from = Math.max(0, Math.min(prefix, text.length - suffix) - KEPT_UNITS);
    const to = Math.min(text.length, Math.max(prefix, text.length - suffix) + KEPT_UNITS);
    this.appearances.push({
      text: text.slice(from, to),
      prefix: Math.max(0, prefix - from),
      suffix: Math.max(0, suffix - (text.length - to)),
    });
  }
}

/** Rows of one buffer that wrapped belong together. */
function toLines(rows: readonly Row[]): Row[][] {
  const lines: Row[][] = [];
  for (const [at, row] of rows.entries()) {
    const above = rows[at - 1];
    const goesOn = row.line.wrapped && above !== undefined && above.list === row.list && above.goesOn !== false;
    if (goesOn) lines.at(-1)?.push(row);
    else lines.push([row]);
  }
  return lines;
}

function textOf(rows: readonly Row[]): string {
  const texts = rows.map(({ line }, at) => {
    const text = line.text({ untrimmed: true });
    const { chars, width } = line.cell(line.cols - 1);
    return at < rows.length - 1 && chars === "" && width === 1 ? text.replace(/ $/, "") : text;
  });
  return texts.join("").replace(/ +$/, "");
}
