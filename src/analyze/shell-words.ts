// The words of a command line as a shell would see them, as far as it takes to name the program that it runs.

/** Looked at of a line. */
const MAX_UNITS = 4096;
/** Words that are looked at. */
const MAX_WORDS = 40;

/** One word, quotes and backslashes taken away. */
export interface ShellWord {
  readonly text: string;
  /** It began without a quote: it may be an assignment or a keyword. */
  readonly isBare: boolean;
}

const SPACE = /[ \t]/;
/** What stands for itself. */
const PLAIN = /[^ \t\n;&|()<>'"\\]+/y;
const BREAK = /[\n;&|()<>]/;

/**
 * The words of the line's first simple command: up to an operator, redirections left out. Opening brackets, `!`, `{` and
 * comments before it are passed over.
 */
export function firstCommandWords(line: string): readonly ShellWord[] {
  const words: ShellWord[] = [];
  const text = line.slice(0, MAX_UNITS);
  let at = 0;
  while (at < text.length && words.length < MAX_WORDS) {
    at = skipBlanks(text, at, words.length === 0);
    if (at >= text.length) break;
    const redirection = /^[0-9]*(?:&>>?|[<>]{1,3}[&|]?)[ \t]*/.exec(text.slice(at, at + 32));
    if (redirection !== null) {
      at = readWord(text, at + redirection[0].length).end;
      continue;
    }
    const { word, end } = readWord(text, at);
    if (end === at) break; // an operator, or the end
    at = end;
    if (words.length > 0 || !isOpening(word)) words.push(word);
  }
  return words;
}

function isOpening({ text, isBare }: ShellWord): boolean {
  return isBare && (text === "!" || text === "{");
}

/** Before the first word also line ends, comments and opening brackets. */
function skipBlanks(text: string, start: number, isBeginning: boolean): number {
  let at = start;
  for (; at < text.length; at++) {
    const unit = text.charAt(at);
    if (unit === "\\" && text.charAt(at + 1) === "\n") at++;
    else if (isBeginning && unit === "#") at = lineEnd(text, at);
    else if (!SPACE.test(unit) && !(isBeginning && /[\n\r(;]/.test(unit))) break;
  }
  return at;
}

function lineEnd(text: string, start: number): number {
  const at = text.indexOf("\n", start);
  return at < 0 ? text.length : at;
}

function readWord(text: string, start: number): { readonly word: ShellWord; readonly end: number } {
  let word = "";
  let at = start;
  while (at < text.length) {
    PLAIN.lastIndex = at;
    const plain = PLAIN.exec(text)?.[0] ?? "";
    word += plain;
    at += plain.length;
    const unit = text.charAt(at);
    if (unit === "" || SPACE.test(unit) || BREAK.test(unit)) break;
    if (unit === "'" || unit === '"') {
      const { inner, end } = readQuoted(text, at, unit);
      word += inner;
      at = end;
    } else if (unit === "\\") {
      word += text.charAt(at + 1) === "\n" ? "" : text.charAt(at + 1);
      at += 2;
    }
  }
  return { word: { text: word, isBare: !/['"\\]/.test(text.charAt(start)) }, end: Math.min(at, text.length) };
}

function readQuoted(text: string, start: number, quote: string): { readonly inner: string; readonly end: number } {
  let inner = "";
  let at = start + 1;
  for (; at < text.length && text.charAt(at) !== quote; at++) {
    if (quote === '"' && text.charAt(at) === "\\" && /["\\$`]/.test(text.charAt(at + 1))) at++;
    inner += text.charAt(at);
  }
  return { inner, end: at + 1 };
}
