// Text in HTML: control characters visible, markup escaped.
import { visibleText } from "../../terminal/index.js";

const MAX_TEXT = 400;
const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A text as it can stand between tags and in quoted attributes. */
export function html(text: string, maxLength = MAX_TEXT): string {
  return visibleText(text, { maxLength }).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? "");
}
