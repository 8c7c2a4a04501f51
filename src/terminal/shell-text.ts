// The ways in which shells write text into their marks: quoted, percent-encoded, with backslash escapes. Bytes are one unit
// each (latin1) on the way in; what comes out is text.

/** Text of bytes, UTF-8; damage is replaced. */
export function textOf(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

/** `\\` and `\xHH`, as OSC 633 and OSC 3008 write what would end a field. Other backslashes stand for themselves. */
export function unescapeHex(latin1: string): string {
  return textOf(
    latin1.replace(/\\(?:\\|x([0-9a-f]{2}))/gi, (_, hex: string | undefined) =>
      hex === undefined ? "\\" : String.fromCharCode(Number.parseInt(hex, 16)),
    ),
  );
}

/** Percent-encoded bytes; what is no encoding stands for itself. */
export function percentDecode(latin1: string): string {
  return textOf(latin1.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))));
}

/** The parts that a quoted word is made of: $'...', '...', "...", an escaped character, plain text; never an open `;`. */
const PART = /\$'((?:[^'\\]|\\[\s\S])*)'|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^'"\\;$]+|\$)/y;

/** A word as `printf %q` writes it, up to a `;` that is not quoted; as it came where its quotes do not close. */
export function unquoteShell(latin1: string): string {
  let text = "";
  PART.lastIndex = 0;
  for (let at = 0; at < latin1.length && latin1[at] !== ";"; at = PART.lastIndex) {
    const match = PART.exec(latin1);
    if (match === null) return textOf(latin1);
    const [, ansi, single, double, escaped, plain] = match;
    if (ansi !== undefined) text += unescapeAnsi(ansi);
    else text += single ?? double?.replace(/\\([$`"\\])/g, "$1") ?? escaped ?? plain ?? "";
  }
  return textOf(text);
}

const ANSI_ESCAPE =
  /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|c([\s\S])|([\s\S]))/g;
const LETTERS: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The inside of `$'...'`. */
function unescapeAnsi(body: string): string {
  return body.replace(ANSI_ESCAPE, (whole: string, ...groups: (string | undefined)[]) => {
    const [octal, hex, short, long, control, letter = ""] = groups;
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    const code = short ?? long;
    if (code !== undefined) return utf8Of(Number.parseInt(code, 16));
    if (control !== undefined) return String.fromCharCode(control.charCodeAt(0) & 0x1f);
    return LETTERS[letter] ?? ("\\'\"?".includes(letter) ? letter : whole);
  });
}

function utf8Of(code: number): string {
  return Buffer.from(code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd", "utf8").toString("latin1");
}
