// Lines of what a program printed, as they may be printed again.
import type { CommandContext } from "./context.js";

/** visibleText looks at no more at once. */
const PART_UNITS = 16_384;

/** Gives a line as it is, or as a terminal may be shown it where the output is one. */
export async function shownLine({ io }: CommandContext): Promise<(line: string) => string> {
  if (!io.stdout.isTTY) return (line) => line;
  const { visibleText } = await import("../terminal/index.js");
  return (line) => {
    let text = "";
    for (let at = 0; at < line.length; at += PART_UNITS)
      text += visibleText(line.slice(at, at + PART_UNITS), { maxLength: PART_UNITS });
    return text;
  };
}
