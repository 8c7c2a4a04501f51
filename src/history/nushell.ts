// nushell's history as text: a line an entry, with `<\n>` for line feeds. Its other form is a database.
import { byteLines } from "./byte-lines.js";
import type { TextHistory } from "./entry.js";

/** What stands for a line feed. */
export const NUSHELL_NEWLINE = "<\\n>";

/** history.txt of nushell. */
export const nushellHistory: TextHistory = {
  name: "nushell",
  read: async function* (source, { onCut }) {
    for await (const bytes of byteLines(source, onCut)) {
      const line = bytes.toString("utf8").replace(/\r$/, "").replaceAll(NUSHELL_NEWLINE, "\n");
      if (line.trim() !== "") yield { line };
    }
  },
};
