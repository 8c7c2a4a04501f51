// The commands of a recording for a player: as its index has them, else it is read for them a second time when they are asked for,
// a little at a time.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Command, CommandFinder } from "../analyze/index.js";
import type { Event, Place, Recording } from "../core/index.js";
import type { CommandList, ListedCommand } from "../play/index.js";

/** Work at a stretch, milliseconds: a garbage collection may come on top. */
const SLICE_MS = 4;
/** Bytes of output after which the clock is looked at, and what an event costs beside its bytes. */
const UNTIMED_BYTES = 16 * 1024;
const EVENT_COST = 128;
/** So much before a command's output is looked at for the typed line. */
const MAX_HEAD_BYTES = 4096;

/**
 * Opens a recording from its start for the commands in it. `onLive` is called where one that is still being written was read as
 * far as it goes.
 */
export type OpenForCommands = (onLive: () => void) => Promise<Recording>;

/** Commands that are known without reading the recording; undefined where they are not. */
export type StoredCommands = () => Promise<readonly Command[] | undefined>;

/** Finds commands from the first time that somebody asks for them. */
export class LazyCommands implements CommandList {
  readonly #open: OpenForCommands;
  readonly #stored: StoredCommands;
  /** As the finder has them, and as they are listed. */
  readonly #found: Command[] = [];
  readonly #listed: ListedCommand[] = [];
  /** Numbers of those that have not ended. */
  readonly #running = new Set<number>();
  readonly #listeners = new Set<() => void>();
  readonly #ending = new AbortController();
  #state: CommandList["state"] = "unasked";
  #looked = 0;
  #work: Promise<void> | undefined;
  #recording: Recording | undefined;

  constructor(open: OpenForCommands, stored: StoredCommands = async () => undefined) {
    this.#open = open;
    this.#stored = stored;
  }

  get commands(): readonly ListedCommand[] {
    return this.#listed;
  }

  get state(): CommandList["state"] {
    return this.#state;
  }

  get looked(): number {
    return this.#looked;
  }

  look(): void {
    if (this.#work !== undefined) return;
    this.#state = "looking";
    this.#work = this.#find();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Looks no further. */
  async close(): Promise<void> {
    this.#ending.abort();
    // What is being opened may be long in coming: it is closed when it is there, and not waited for.
    await this.#recording?.close();
  }

  async #find(): Promise<void> {
    try {
      // What is damaged in an index is met again where it is played.
      const stored = await this.#stored().catch(() => undefined);
      if (stored !== undefined) {
        for (const command of stored) this.#listed.push(listed(command, storedPlace(command)));
        this.#looked = Number.POSITIVE_INFINITY;
        this.#tell("complete");
        return;
      }
      const { CommandFinder } = await import("../analyze/index.js");
      const recording = await this.#open(() => this.#tell("complete"));
      this.#recording = recording;
      const finder = new CommandFinder(recording.header);
      try {
        await this.#read(recording, finder);
      } finally {
        this.#refresh(finder.commands);
        finder.close();
        await recording.close();
      }
      this.#tell("complete");
    } catch (failure) {
      this.#tell({ failure });
    }
  }

  async #read({ batches }: Recording, finder: CommandFinder): Promise<void> {
    const { signal } = this.#ending;
    if (signal.aborted) return;
    let [untimed, sliceEnd] = [0, performance.now() + SLICE_MS];
    const at = { number: -1, offset: 0 };
    let last: Event | undefined;
    try {
      for await (const batch of batches) {
        for (const event of batch) {
          at.offset += bytesOf(last);
          at.number++;
          last = event;
          finder.batch([event]);
          this.#place(finder.commands, event, at);
          untimed += bytesOf(event) + EVENT_COST;
          if (untimed < UNTIMED_BYTES || performance.now() < sliceEnd) continue;
          this.#refresh(finder.commands);
          this.#tell(this.#state);
          await nextTurn();
          if (signal.aborted) return;
          [untimed, sliceEnd] = [0, performance.now() + SLICE_MS];
        }
        this.#looked = batch.at(-1)?.time ?? this.#looked;
        this.#refresh(finder.commands);
        this.#tell(this.#state); // the next batch may be long in coming
      }
    } finally {
      finder.end();
      if (last !== undefined) this.#place(finder.commands, last, at);
    }
  }

  /** Lists what became known with an event. What turned out to be no command is left out again. */
  #place(commands: readonly Command[], event: Event, at: EventPlace): void {
    while (this.#found.length > 0 && this.#found.at(-1) !== commands[this.#found.length - 1]) this.#found.pop();
    this.#listed.length = this.#found.length;
    for (let next = this.#found.length; next < commands.length; next++) {
      const command = commands[next] as Command;
      this.#found.push(command);
      this.#listed.push(listed(command, placeOf(command, event, at)));
      this.#running.add(next);
    }
  }

  #refresh(commands: readonly Command[]): void {
    for (const at of this.#running) {
      const [command, known] = [commands[at], this.#listed[at]];
      if (command !== undefined && known !== undefined) this.#listed[at] = listed(command, known.place);
      if (command === undefined || command.duration !== undefined) this.#running.delete(at);
    }
  }

  #tell(state: CommandList["state"]): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Number of an event, and bytes of output before it. */
interface EventPlace {
  readonly number: number;
  readonly offset: number;
}

function bytesOf(event: Event | undefined): number {
  return event?.kind === "output" ? event.data.length : 0;
}

function listed({ line, start, duration, exitStatus, signal, depth }: Command, place: Place): ListedCommand {
  return { line, start, duration, exitStatus, signal, depth, place };
}

/** Where the line is typed and nothing is put out yet, of a command that became known with this event. */
function placeOf({ start, output, timeToFirstOutput }: Command, event: Event, { number, offset }: EventPlace): Place {
  if (output === undefined) return start === event.time ? { events: number + 1 } : { time: start };
  if (output.firstEvent === number && event.kind === "output") {
    // Its output begins within the event: before the event, unless the line was typed in it.
    const head = event.data.subarray(0, Math.max(0, output.startByte - offset)).subarray(-MAX_HEAD_BYTES);
    return { events: hasText(head) ? number + 1 : number };
  }
  return timeToFirstOutput === 0 ? { events: output.firstEvent } : { time: start };
}

/** The same where the event is not at hand. */
function storedPlace({ start, duration, output, timeToFirstOutput }: Command): Place {
  if (output === undefined || timeToFirstOutput !== 0) return { time: start };
  // All of it at one time: so was its line, most likely.
  return { events: duration === 0 ? output.firstEvent + 1 : output.firstEvent };
}

const SEQUENCES = /\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)?|\[[0-9:;<=>?]*[ -/]*[@-~]|[ -/]*[0-~])/g;

function hasText(bytes: Uint8Array): boolean {
  return /[^\x00-\x20\x7f]/.test(Buffer.from(bytes).toString("latin1").replace(SEQUENCES, ""));
}
