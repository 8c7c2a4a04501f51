// A shell's history as a session: its entries as commands, with times since its first entry.
import type { HistoryEntry } from "../history/index.js";
import type { AnalyzedSession } from "./analyzer.js";
import type { Command } from "./command.js";
import { type CommandJson, commandToJson } from "./command-json.js";
import { signalOf } from "./shell-level.js";

/** A command of a history. */
export interface HistoryCommand {
  readonly command: Command;
  /** Its entry has a time. Otherwise `start` is that of the entry before. */
  readonly isTimed: boolean;
}

/** A history, to be read once. */
export interface HistorySession {
  /** `startTime` is that of the first entry which has one; sizes mean nothing. */
  readonly session: AnalyzedSession;
  readonly commands: AsyncIterable<HistoryCommand>;
}

/** Entries at the beginning without a time, at most: when none of them has one, none is looked for. */
const MAX_UNTIMED = 10_000;

/** The commands of a history, named as the user names it. Entries are read as commands are asked for. */
export async function historySession(name: string, entries: AsyncIterable<HistoryEntry>): Promise<HistorySession> {
  const iterator = entries[Symbol.asyncIterator]();
  const first: HistoryEntry[] = [];
  let isDone = false;
  while (!isDone && first.at(-1)?.time === undefined && first.length < MAX_UNTIMED) {
    const next = await iterator.next();
    if (next.done) isDone = true;
    else first.push(next.value);
  }
  const startTime = first.at(-1)?.time;
  const header = { cols: 80, rows: 24, ...(startTime === undefined ? {} : { startTime }) };
  async function* commands(): AsyncGenerator<HistoryCommand> {
    let start = 0;
    const rest: AsyncIterable<HistoryEntry> = { [Symbol.asyncIterator]: () => iterator };
    for await (const entry of chain(first.splice(0), isDone ? undefined : rest)) {
      const { time } = entry;
      const isTimed = startTime !== undefined && time !== undefined;
      if (isTimed) start = Number(time - startTime);
      yield { command: commandOf(entry, start), isTimed };
    }
  }
  return { session: { name, header, source: "history" }, commands: commands() };
}

/** A command of a history as JSON: without wall time where its entry has none. */
export function historyToJson({ command, isTimed }: HistoryCommand, session: AnalyzedSession): CommandJson {
  const { startTime, ...untimed } = session.header;
  return commandToJson(command, isTimed ? session : { ...session, header: untimed });
}

async function* chain<Value>(first: Iterable<Value>, rest: AsyncIterable<Value> | undefined): AsyncGenerator<Value> {
  yield* first;
  if (rest !== undefined) yield* rest;
}

function commandOf({ line, duration, exitStatus, cwd, user, host }: HistoryEntry, start: number): Command {
  return {
    line,
    cwd,
    user,
    host,
    start,
    duration,
    exitStatus,
    signal: signalOf(exitStatus),
    startEvents: undefined,
    timeToFirstOutput: undefined,
    outputBytes: 0,
    outputLines: 0,
    output: undefined,
    source: "history",
    trusted: false,
    depth: 0,
  };
}
