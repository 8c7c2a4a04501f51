// Keys as settings name them: `^\` or `C-\` for control keys, `none` for no key, else one printable character.
import { UsageError } from "../core/index.js";

/**
 * The byte a key sends; undefined for `none`.
 * @throws UsageError where the text names no single-byte key.
 */
export function parseKey(text: string): number | undefined {
  if (text === "" || text.toLowerCase() === "none") return undefined;
  const control = /^(?:\^|C-|ctrl-)([@-_a-z?])$/i.exec(text)?.[1];
  if (control !== undefined) return control === "?" ? 0x7f : control.toUpperCase().charCodeAt(0) & 0x1f;
  if (/^[!-~]$/.test(text)) return text.charCodeAt(0);
  throw new UsageError(`not a key: "${text}" (use ^\\, C-p, a single character, or none)`, { code: "T2A_CONFIG" });
}
