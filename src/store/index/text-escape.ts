// Text for databases that cannot hold all of it: PostgreSQL's has neither U+0000 nor halves of surrogate pairs.

/** In front of what is escaped; no character (https://www.unicode.org/faq/private_use.html#nonchar1). */
const MARK = "\ufdd0";
const UNSAFE = /[\0\ufdd0\p{Cs}]/gu;
const ESCAPED = /\ufdd0([0-9a-f]{4})/g;

/** The text without what cannot be kept; different for different texts. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (unit) => MARK + unit.charCodeAt(0).toString(16).padStart(4, "0"));
}

/** What was escaped. */
export function unescapeText(text: string): string {
  return text.replace(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
