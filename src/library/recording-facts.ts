// What a session document says of a recording: of the index of a .t2r in its final form, and of its events where that is not enough.
import { openT2r } from "../../formats/index.js";
import { type Command, CommandFinder } from "../analyze/index.js";
import { type Batch, type Event, FormatError, type Header, parseGap, parseTask, type Source } from "../core/index.js";
import type { RecordingStats } from "../store/index.js";
import { storedCommands } from "./commands-section.js";

/** What is known of one recording. */
export interface RecordingFacts {
  readonly header: Header;
  readonly stats: RecordingStats;
  /** Of its last exit event; undefined where it has none: it was cut short, or its format does not tell. */
  readonly exitStatus: number | undefined;
  readonly commandCount: number;
  /** The last one that ended. */
  readonly lastCommand: Command | undefined;
  /** Why the task that was recorded failed, where it was one. */
  readonly taskError?: string | undefined;
}

/**
 * Reads the facts of a .t2r that has its end. The source stays open.
 * @throws FormatError `T2A_FORMAT_DAMAGED`; what the source throws.
 */
export async function recordingFacts(source: Source, signal?: AbortSignal): Promise<RecordingFacts> {
  const open = await openT2r(source);
  if (open === undefined) throw new FormatError("T2A_FORMAT_DAMAGED", `${source.name} is no .t2r that has its end`);
  const { header, index } = open;
  const total = index.blocks.reduce((sum, { events }) => sum + events, 0);
  const stored = await storedCommands(open);
  const finder = stored === undefined ? new CommandFinder(header) : undefined;
  // Gaps are custom events, commands are looked for everywhere; the exit alone is at the end.
  const isReadWhole = finder !== undefined || index.events.custom > 0;
  const first = isReadWhole ? 0 : total - (index.blocks.at(-1)?.events ?? 0);
  let exitStatus: number | undefined;
  let taskError: string | undefined;
  let dropped = 0;
  try {
    for await (const batch of eventsFrom(open, first, total)) {
      signal?.throwIfAborted();
      finder?.batch(batch);
      for (const event of batch) {
        if (event.kind === "exit") exitStatus = event.status;
        else if (parseGap(event) !== undefined) dropped++;
        else taskError = errorOfTask(event) ?? taskError;
      }
    }
    finder?.end();
    const commands = stored ?? finder?.commands ?? [];
    const { events, outputBytes, inputBytes, duration: durationNs } = index;
    const storedBytes = (await source.size()) ?? 0;
    return {
      header,
      stats: { events: { ...events }, outputBytes, inputBytes, durationNs, storedBytes, dropped },
      exitStatus,
      ...(taskError === undefined ? {} : { taskError }),
      commandCount: commands.length,
      lastCommand: commands.findLast(({ duration, exitStatus: status }) => (duration ?? status) !== undefined),
    };
  } finally {
    finder?.close();
  }
}

function errorOfTask(event: Event): string | undefined {
  const task = parseTask(event);
  return task?.state === "end" ? task.error : undefined;
}

async function* eventsFrom(
  open: { batchesFrom(first: number): AsyncGenerator<Batch> },
  first: number,
  total: number,
): AsyncGenerator<Batch> {
  if (total > 0) yield* open.batchesFrom(Math.max(0, first));
}
