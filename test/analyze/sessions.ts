// Sessions of shells as events, and the commands that are found in them.
import { CommandFinder } from "../../src/analyze/index.js";
import type { Event } from "../../src/core/index.js";

const osc = (payload: string) => `\x1b]${payload}\x07`;

/** What a shell prints around a prompt and a command. */
export const SHELL = {
  A: osc("133;A"),
  B: osc("133;B"),
  C: osc("133;C"),
  D: (status?: number) => osc(status === undefined ? "133;D" : `133;D;${status}`),
  osc,
  /** A whole cycle without marks of the line: prompt, typed line, output, end. */
  cycle: (typed: string, printed: string, status: number) =>
    `${osc("133;A")}$ ${osc("133;B")}${typed}\r\n${osc("133;C")}${printed}${osc(`133;D;${status}`)}`,
};

export const output = (time: number, text: string | Uint8Array): Event => ({
  kind: "output",
  time,
  data: typeof text === "string" ? Buffer.from(text) : text,
});

/** The commands in events. */
export function commandsIn(events: readonly Event[], cols = 80) {
  const finder = new CommandFinder({ cols });
  finder.batch(events);
  finder.end();
  finder.close();
  return finder.commands;
}

/** Lines, statuses and depths of the commands in one piece of output. */
export function brief(...texts: readonly string[]) {
  return commandsIn(texts.map((text, second) => output(second * 1e9, text))).map(({ line, exitStatus, depth }) => [
    line,
    exitStatus,
    depth,
  ]);
}
