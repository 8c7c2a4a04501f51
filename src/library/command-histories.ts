// Histories out of commands as JSON: those of one recording belong together, and so do those whose time is known.
import { type CommandHistory, type CommandJson, commandFromJson, timeOfIso } from "../analyze/index.js";
import { DEFAULT_COLS, DEFAULT_ROWS, type Header } from "../core/index.js";

/** What is wanted of them. */
export interface HistoryBounds {
  /** Only commands that began at `since` or later, and before `until`: nanoseconds since 1970. */
  readonly since?: bigint | undefined;
  readonly until?: bigint | undefined;
}

/** Histories, and how many commands are not in them. */
export interface Histories {
  readonly histories: readonly CommandHistory[];
  /** Commands of other times, and such without a time where one was asked for. */
  readonly outside: number;
  readonly undated: number;
}

/** Groups the commands of a file of that name. */
export function historiesOf(
  name: string,
  commands: readonly CommandJson[],
  { since, until }: HistoryBounds = {},
): Histories {
  const groups = new Map<string, CommandJson[]>();
  let outside = 0;
  let undated = 0;
  for (const command of commands) {
    const at = command.startedAt === null ? undefined : timeOfIso(command.startedAt);
    if (at === undefined && (since ?? until) !== undefined) undated++;
    else if (at !== undefined && ((since !== undefined && at < since) || (until !== undefined && at >= until)))
      outside++;
    else {
      const key = JSON.stringify([command.recording, at === undefined]);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [command]);
      else group.push(command);
    }
  }
  return { histories: [...groups.values()].map((group) => historyOf(name, group)), outside, undated };
}

function historyOf(name: string, group: readonly CommandJson[]): CommandHistory {
  const [first] = group;
  const startedAt = first?.startedAt ?? undefined;
  const header: Header = {
    cols: DEFAULT_COLS,
    rows: DEFAULT_ROWS,
    ...(startedAt === undefined ? {} : { startTime: timeOfIso(startedAt) - BigInt(Math.round(first?.startNs ?? 0)) }),
  };
  return { name: first?.recording ?? name, header, commands: group.map(commandFromJson) };
}
