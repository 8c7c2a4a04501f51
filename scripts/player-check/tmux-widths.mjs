// How many columns tmux takes for a character: asked of tmux itself, and remembered.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TmuxPane } from "./tmux-pane.mjs";

const AT_ONCE = 200;
/** What tmux 3.3 keeps of one cell, bytes of UTF-8. */
const CELL_BYTES = 21;

/** The widths of characters in tmux. */
export class TmuxWidths {
  /** A joiner cannot be asked for: it takes the next character with it, wherever that is written. */
  #widths = new Map([["\u200d", 0]]);

  /** Columns of one character that was {@link measure}d, 0 to 2. */
  of = (character) => (/^[ -~]$/.test(character) ? 1 : (this.#widths.get(character) ?? 1));

  /** Whether tmux can show this text in so many columns. */
  canShow(text, cols) {
    const [first, ...marks] = text;
    if (Buffer.byteLength(text) > CELL_BYTES || this.joins(first)) return false;
    return this.of(first) === cols && marks.every((mark) => this.of(mark) === 0);
  }

  /** Whether tmux puts it into the cell before, whatever stands there: marks, and modifiers of emoji. */
  joins(character) {
    return this.of(character) === 0 || /\p{Emoji_Modifier}/u.test(character);
  }

  /** Asks tmux for the widths of all characters of these texts that are not known yet. */
  async measure(texts) {
    const unknown = [...new Set([...texts].flatMap((text) => [...text]))].filter(
      (character) => !/^[ -~]$/.test(character) && !this.#widths.has(character),
    );
    for (let at = 0; at < unknown.length; at += AT_ONCE) await this.#ask(unknown.slice(at, at + AT_ONCE));
  }

  /** Each stands in column 2 of a row of its own, and an X in column 4: the spaces between them tell its width. */
  async #ask(characters) {
    const rows = characters.length + 1;
    const folder = mkdtempSync(join(tmpdir(), "t2a-widths-"));
    const file = join(folder, "characters");
    const text = characters.map((character, y) => `\x1b[${y + 1};2H${character}\x1b[${y + 1};4HX`).join("");
    writeFileSync(file, `${text}\x1b[${rows};1Hdone`);
    const pane = new TmuxPane(["sh", "-c", `stty raw -echo; cat '${file}'; exec sleep 1000`], { cols: 8, rows });
    try {
      const { capture } = await pane.until(({ capture }) => capture.includes("done"), "widths");
      const lines = capture.split("\n");
      for (const [y, character] of characters.entries()) {
        const spaces = lines[y].indexOf("X") - lines[y].lastIndexOf(character) - character.length;
        this.#widths.set(character, lines[y].includes(character) ? 2 - spaces : 0);
      }
    } finally {
      pane.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
