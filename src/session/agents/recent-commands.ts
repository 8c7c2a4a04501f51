// The last commands of a session with what they printed: read from its recordings, in small steps, within bounds of time and memory.
import { setImmediate } from "node:timers/promises";
import { type Command, CommandFinder } from "../../analyze/index.js";
import type { OpenableRecording } from "./session-recordings.js";

/** A command and what it printed. */
export interface RecentCommand {
  /** Number in its recording, from 1. */
  readonly number: number;
  readonly recordingId: string;
  readonly line: string | undefined;
  readonly cwd: string | undefined;
  /** ISO 8601; undefined where the recording does not tell when it began. */
  readonly startedAt: string | undefined;
  /** Nanoseconds; undefined: it still ran. */
  readonly durationNs: number | undefined;
  readonly exitStatus: number | undefined;
  /** Its first and its last lines. */
  readonly output: string;
  readonly isCut: boolean;
}

/** Which commands. */
export interface RecentCommandsOptions {
  /** The newest so many. */
  readonly max: number;
  /** UTF-16 units of each one's output. */
  readonly maxUnits: number;
  /** Milliseconds for all of it. */
  readonly timeoutMs: number;
}

/** The newest commands, the oldest of them first, and why there may be more. */
export interface RecentCommands {
  readonly commands: readonly RecentCommand[];
  readonly problems: readonly string[];
}

/** Others have their turn after so many milliseconds: terminals are followed in this process. */
const TURN_MS = 2;

/** Reads the last recordings first, until there are enough. Never throws: what cannot be read is told. */
export async function recentCommands(
  recordings: readonly OpenableRecording[],
  { max, maxUnits, timeoutMs }: RecentCommandsOptions,
): Promise<RecentCommands> {
  const deadline = performance.now() + timeoutMs;
  const problems: string[] = [];
  let commands: RecentCommand[] = [];
  for (const recording of recordings.toReversed()) {
    if (commands.length >= max) break;
    const found = await readCommands(recording, { max, maxUnits, deadline }).catch((error: unknown) => {
      problems.push(
        `the recording ${recording.id} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      );
      return undefined;
    });
    if (found === undefined) continue;
    commands = [...found.commands, ...commands].slice(-max);
    problems.push(...found.problems);
  }
  return { commands, problems };
}

async function readCommands(
  { id, open }: OpenableRecording,
  { max, maxUnits, deadline }: { readonly max: number; readonly maxUnits: number; readonly deadline: number },
): Promise<RecentCommands> {
  const texts = new Map<Command, { readonly text: string; readonly isCut: boolean }>();
  const problems: string[] = [];
  const recording = await open();
  const finder = new CommandFinder(recording.header, {
    text: { maxUnits },
    onCommand: (command, text) => {
      if (text !== undefined) texts.set(command, text);
      if (texts.size <= max) return;
      const [oldest] = texts.keys();
      if (oldest !== undefined) texts.delete(oldest);
    },
  });
  try {
    let turn = performance.now();
    reading: for await (const batch of recording.batches) {
      for (const event of batch) {
        finder.event(event);
        if (performance.now() - turn < TURN_MS) continue;
        await setImmediate();
        turn = performance.now();
        if (turn < deadline) continue;
        problems.push(
          `the recording ${id} is long: commands after ${Math.floor(event.time / 1e9)} s of it are not told`,
        );
        break reading;
      }
    }
  } catch (error) {
    problems.push(`the recording ${id} is damaged: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    finder.end();
    finder.close();
    await recording.close();
  }
  const { startTime } = recording.header;
  const first = Math.max(0, finder.commands.length - max);
  const commands = finder.commands.slice(first).map((command, at): RecentCommand => {
    const { line, cwd, start, duration, exitStatus } = command;
    const text = texts.get(command);
    return {
      number: first + at + 1,
      recordingId: id,
      line,
      cwd,
      startedAt: startTime === undefined ? undefined : isoTime(startTime + BigInt(start)),
      durationNs: duration,
      exitStatus,
      output: text?.text ?? "",
      isCut: text?.isCut ?? false,
    };
  });
  return { commands, problems };
}

function isoTime(nanos: bigint): string | undefined {
  const date = new Date(Number(nanos / 1_000_000n));
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
