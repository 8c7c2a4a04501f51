// The last of a line's commands: a line's exit status is that one's.

/** Looked at of a line, UTF-16 units. */
const MAX_UNITS = 4096;

/**
 * The simple command that stands last on the line: `grep x` of `make && ls | grep x`. Commands in brackets are not looked into. The
 * end of a line beyond 4,096 units is not known: then the line as it is.
 */
export function lastCommand(line: string): string {
  const parts = line.length <= MAX_UNITS ? commandsOf(line) : [];
  return parts.findLast((part) => /[^\s;&|)}]/.test(part))?.trim() ?? line;
}

/** The parts between operators that stand outside quotes and brackets. */
function commandsOf(line: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let depth = 0;
  for (let at = 0; at < line.length; at++) {
    const unit = line.charAt(at);
    if (unit === "\\") at++;
    else if (unit === "'" || unit === '"') at = quoteEnd(line, at, unit);
    else if (unit === "#" && /(?:^|\s)$/.test(line.slice(Math.max(0, at - 1), at))) {
      parts.push(line.slice(start, at));
      start = at = endOfLine(line, at);
    } else if (unit === "(" || unit === "{") depth++;
    else if (unit === ")" || unit === "}") depth--;
    else if (depth <= 0 && isOperator(line, at)) {
      parts.push(line.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, line.slice(start)];
}

/** `;`, `&`, `|` and line ends; not the `&` and `|` of redirections such as `2>&1`, `&>file`, `>|file`. */
function isOperator(line: string, at: number): boolean {
  const unit = line.charAt(at);
  if (!/[;&|\n]/.test(unit)) return false;
  return !(/[<>]/.test(line.charAt(at - 1)) || (unit === "&" && line.charAt(at + 1) === ">"));
}

function quoteEnd(line: string, start: number, quote: string): number {
  let at = start + 1;
  while (at < line.length && line.charAt(at) !== quote) at += quote === '"' && line.charAt(at) === "\\" ? 2 : 1;
  return at;
}

function endOfLine(line: string, start: number): number {
  const at = line.indexOf("\n", start);
  return at < 0 ? line.length : at;
}
