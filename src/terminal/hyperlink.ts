// OSC 8 hyperlinks from a recording, made safe: https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
// A link shows where it leads only on hover, so only schemes that open a page or a letter pass; file: names the viewer's files,
// not those of the recorded host.

const SAFE_ADDRESS = /^(?:https?|mailto):[\x21-\x7e]+$/i;
const ID = /(?:^|:)id=([\x21-\x39\x3c-\x7e]{1,250})(?:$|:)/;

/** What stands after `OSC 8 ;` with anything doubtful taken out; `;` (no link) where the address is not safe. */
export function sanitizeHyperlink(payload: string): string {
  const separator = payload.indexOf(";");
  const address = payload.slice(separator + 1);
  if (separator < 0 || !SAFE_ADDRESS.test(address)) return ";";
  const id = ID.exec(payload.slice(0, separator))?.[1];
  return `${id === undefined ? "" : `id=${id}`};${address}`;
}
