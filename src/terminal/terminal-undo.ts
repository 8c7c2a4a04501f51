// Keeps account of what was changed on the user's terminal, so that exactly that is undone when playback ends or stops.
import { ALTERNATE_BUFFER_MODES, ANSI_MODES, PRIVATE_MODES } from "./output-rules.js";

const ESC = "\x1b";
/** Cleared tab stops are set again up to this column: wider terminals lose only the stops beyond it. */
const RESTORED_TAB_COLS = 320;
const RESTORED_TABS = `\r${ESC}[3g${`${ESC}[8C${ESC}H`.repeat(RESTORED_TAB_COLS / 8)}`;

/** Modes that restoring the cursor (ESC 8) can bring back: once touched they are undone whatever their last state. */
const RESTORED_BY_CURSOR: ReadonlySet<number> = new Set([6, 7]);

/** A kind of change that is undone as a whole; `shift` is SO, LS2 or LS3. */
export type Change = "style" | "link" | "cursorStyle" | "protect" | "tabs" | "shift";

/** What stands changed on a terminal. Note changes as they pass; `undo` gives the bytes that take them back. */
export class TerminalUndo {
  readonly #changes = new Set<Change>();
  readonly #charsetSlots = new Set<string>();
  readonly #ansiModes = new Set<number>();
  readonly #privateModes = new Set<number>();
  /** Margins belong to the buffer they were set in. */
  #margins = { normal: false, alternate: false };
  /** The mode that entered the alternate buffer; leaving by the same one restores the cursor where it saved it. */
  #alternate: number | undefined;

  note(change: Change): void {
    this.#changes.add(change);
  }

  /** `slot` is the designator's intermediate, one of `()*+`. */
  noteCharset(slot: string): void {
    this.#charsetSlots.add(slot);
  }

  noteMargins(): void {
    this.#margins[this.#alternate === undefined ? "normal" : "alternate"] = true;
  }

  noteAnsiMode(mode: number, on: boolean): void {
    if (on === ANSI_MODES.get(mode)) this.#ansiModes.delete(mode);
    else this.#ansiModes.add(mode);
  }

  notePrivateMode(mode: number, on: boolean): void {
    // 1048 saves and restores the cursor: nothing stands changed by it.
    if (mode === 1048) return;
    if (ALTERNATE_BUFFER_MODES.has(mode)) this.#alternate = on ? (this.#alternate ?? mode) : undefined;
    else if (on !== PRIVATE_MODES.get(mode)) this.#privateModes.add(mode);
    else if (!RESTORED_BY_CURSOR.has(mode)) this.#privateModes.delete(mode);
  }

  /** The bytes that undo all that was noted; nothing is noted afterwards. */
  undo(): string {
    const has = (change: Change): boolean => this.#changes.has(change);
    let bytes = this.#leaveAlternateBuffer();
    if (has("link")) bytes += `${ESC}]8;;${ESC}\\`;
    if (has("shift")) bytes += "\x0f";
    for (const slot of this.#charsetSlots) bytes += `${ESC}${slot}B`;
    if (has("style")) bytes += `${ESC}[0m`;
    if (has("protect")) bytes += `${ESC}[0"q`;
    bytes += this.#undoMargins();
    for (const mode of this.#ansiModes) bytes += `${ESC}[${mode}l`;
    for (const mode of this.#privateModes) bytes += `${ESC}[?${mode}${PRIVATE_MODES.get(mode) ? "h" : "l"}`;
    if (has("tabs")) bytes += `${ESC}7${RESTORED_TABS}${ESC}8`;
    if (has("cursorStyle")) bytes += `${ESC}[0 q`;
    this.#forget();
    return bytes;
  }

  #leaveAlternateBuffer(): string {
    const margins = this.#margins.alternate ? `${ESC}[r` : "";
    return this.#alternate === undefined ? "" : `${margins}${ESC}[?${this.#alternate}l`;
  }

  /** Setting margins and leaving origin mode home the cursor: it is put back, or below everything where that cannot be. */
  #undoMargins(): string {
    if (this.#privateModes.delete(6)) return `${ESC}[?6l${ESC}[r${ESC}[999;1H`;
    return this.#margins.normal || this.#margins.alternate ? `${ESC}7${ESC}[r${ESC}8` : "";
  }

  #forget(): void {
    this.#changes.clear();
    this.#charsetSlots.clear();
    this.#ansiModes.clear();
    this.#privateModes.clear();
    this.#margins = { normal: false, alternate: false };
    this.#alternate = undefined;
  }
}
