// The text that every match of a regular expression holds, so that an index can say where it is worth looking.
import { fold } from "./fold.js";

const QUANTIFIER = /^(?:[?*+]|\{\d+(?:,\d*)?\})\??/;

/**
 * Parts that stand in the folded text of every line that the expression matches; none where there is nothing that all have.
 * What is hard to tell is left out: such parts may be shorter and fewer than they could be.
 */
export function regexLiterals({ source, flags }: RegExp): readonly string[] {
  if (flags.includes("v")) return [];
  const literals: string[] = [];
  let literal = "";
  let at = 0;
  const end = () => {
    // A mark behind the last character would make another one of it.
    const whole = literal.slice(0, -1);
    if (whole.trim() !== "") literals.push(fold(whole).trim());
    literal = "";
  };
  /** Goes over a group or a class from behind its opening, to behind its end. */
  const skip = (close: ")" | "]") => {
    for (let depth = 1; at < source.length && depth > 0; at++) {
      if (source[at] === "\\") at++;
      else if (source[at] === close) depth--;
      else if (close === ")" && source[at] === "(") depth++;
      else if (close === ")" && source[at] === "[") {
        at++;
        skip("]");
        at--;
      }
    }
  };
  while (at < source.length) {
    const character = source[at] ?? "";
    at++;
    if (character === "|") return [];
    if (character === "(" || character === "[") {
      end();
      skip(character === "(" ? ")" : "]");
      at += quantifierAt(source, at).length;
      continue;
    }
    const plain = character === "\\" ? escaped(source[at] ?? "") : isStable(character) ? character : undefined;
    if (character === "\\") at += escapeLength(source, at);
    const quantifier = quantifierAt(source, at);
    at += quantifier.length;
    if (plain === undefined) {
      end();
    } else if (quantifier === "") {
      literal += plain;
    } else {
      // Of what is repeated nothing is taken: neither how often it stands there nor what then is beside it.
      end();
    }
  }
  end();
  return literals;
}

function quantifierAt(source: string, at: number): string {
  const rest = source.slice(at, at + 64);
  return QUANTIFIER.exec(rest)?.[0] ?? "";
}

/** The character that an escape stands for, where it is a sign. */
function escaped(sign: string): string | undefined {
  return /[\\^$.*+?()[\]{}|/-]/.test(sign) ? sign : undefined;
}

/** Units behind the backslash: whole, so that none of them is taken for text. */
function escapeLength(source: string, at: number): number {
  const rest = source.slice(at, at + 80);
  return (
    /^(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|k<[^>]*>|c[A-Za-z]|\d+)/.exec(rest)?.[0].length ?? 1
  );
}

/** Not a sign of regular expressions, and folded alone as it is among others: ASCII, Chinese, Japanese, Korean. */
function isStable(character: string): boolean {
  return /^[^\\^$.*+?()[\]{}|/\u0000-\u001f\u007f-\u3040\u3095-\u30a0\u30f5-\u4dff\ua000-\uabff\ud7a4-\uffff]$/.test(
    character,
  );
}
