// Titles, command lines and labels from outside, made safe to print on one line of a terminal: styles are taken away, every
// other control character is shown instead of obeyed.
import ansiParser from "ansi-parser";

/** Input beyond this is not even looked at. ansi-parser's time grows with the square of damaged input: it never gets any. */
const MAX_INPUT_LENGTH = 16_384;
const DEFAULT_MAX_LENGTH = 1000;

/**
 * Characters that a terminal obeys or hides instead of showing them: C0, DEL, C1, bidirectional controls, line and paragraph
 * separators, byte order marks, interlinear annotations, tag characters and lone surrogates. The source of a regular expression.
 */
export const CONTROL_CHARACTER =
  "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}\\p{Cs}]";
/** Whole SGR sequences first. */
const SGR_OR_CONTROL = new RegExp(`\\x1b\\[[0-9;:]*m|${CONTROL_CHARACTER}`, "gu");

/** How {@link visibleText} shortens. */
export interface VisibleTextOptions {
  /** Characters (code points) at most, the ellipsis included; 1,000 by default. */
  readonly maxLength?: number | undefined;
}

/**
 * The text on one line, without styles, its control characters visible (`␛`, `␊`, `\u202e`). Never holds a raw escape.
 */
export function visibleText(text: string, { maxLength = DEFAULT_MAX_LENGTH }: VisibleTextOptions = {}): string {
  const input = text.slice(0, MAX_INPUT_LENGTH);
  // Only genuine SGR sequences keep their ESC, so that ansi-parser takes away those and nothing else.
  const marked = input.replace(SGR_OR_CONTROL, (match) => (match.length > 2 ? match : showControl(match)));
  const characters = [...ansiParser.removeAnsi(marked)];
  if (characters.length <= maxLength && input.length === text.length) return characters.join("");
  return `${characters.slice(0, Math.max(0, maxLength - 1)).join("")}…`;
}

function showControl(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  if (code < 0x100) return `\\x${code.toString(16)}`;
  if (code >= 0xd800 && code < 0xe000) return "\ufffd";
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
