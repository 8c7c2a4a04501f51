// fish's history: pseudo-YAML of its own, in which only backslash and line feed are escaped.
import { secondsOf } from "./bash.js";
import { byteLines } from "./byte-lines.js";
import { type HistoryEntry, SECOND, type TextHistory } from "./entry.js";

const COMMAND = "- cmd: ";

/** ~/.local/share/fish/fish_history. */
export const fishHistory: TextHistory = {
  name: "fish",
  read: async function* (source, { onCut }) {
    let open: { -readonly [Key in keyof HistoryEntry]: HistoryEntry[Key] } | undefined;
    for await (const bytes of byteLines(source, onCut)) {
      const text = bytes.toString("utf8");
      if (text.startsWith(COMMAND)) {
        if (open !== undefined) yield open;
        const line = unescaped(text.slice(COMMAND.length));
        open = line.trim() === "" ? undefined : { line };
      } else if (open !== undefined) open.time ??= timeIn(text);
    }
    if (open !== undefined) yield open;
  },
  createEncoder:
    () =>
    ({ line, time }) => {
      const text = heldByFish(line);
      if (text.trim() === "") return new Uint8Array(0);
      const when = time === undefined ? "" : `  when: ${secondsOf(time)}\n`;
      return Buffer.from(`${COMMAND}${text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n${when}`);
    },
};

/** What of a line fish's file can hold: no NUL, and no beginning that looks like an entry's (a space goes before it). */
export function heldByFish(line: string): string {
  const text = line.replaceAll("\0", "");
  return text.startsWith(COMMAND) ? ` ${text}` : text;
}

function timeIn(text: string): bigint | undefined {
  const seconds = /^ {2}when: ([0-9]{1,11})$/.exec(text)?.[1];
  return seconds === undefined || Number(seconds) === 0 ? undefined : BigInt(seconds) * SECOND;
}

function unescaped(text: string): string {
  return text.replace(/\\([\\n])/g, (_, letter) => (letter === "n" ? "\n" : "\\"));
}
