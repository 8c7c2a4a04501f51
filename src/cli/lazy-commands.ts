// The commands of a recording for a player: as its index has them, else it is read for them a second time when they are asked for,
// a little at a time.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Command, CommandFinder } from "../analyze/index.js";
import type { Event, Recording } from "../core/index.js";
import type { CommandList, ListedCommand } from "../play/index.js";

/** Work at a stretch, milliseconds: a garbage collection may come on top. */
const SLICE_MS = 4;
/** Bytes of output after which the clock is looked at, and what an event costs beside its bytes. */
const UNTIMED_BYTES = 16 * 1024;
const EVENT_COST = 128;

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
        this.#listed.push(...stored.map(listed));
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
    try {
      for await (const batch of batches) {
        for (const event of batch) {
          finder.batch([event]);
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
    }
  }

  /** Lists what became known. What turned out to be no command is left out again. */
  #refresh(commands: readonly Command[]): void {
    while (this.#found.length > 0 && this.#found.at(-1) !== commands[this.#found.length - 1]) this.#found.pop();
    this.#listed.length = this.#found.length;
    for (let next = this.#found.length; next < commands.length; next++) {
      this.#found.push(commands[next] as Command);
      this.#running.add(next);
    }
    for (const at of this.#running) {
      const command = this.#found[at];
      if (command !== undefined) this.#listed[at] = listed(command);
      if (command === undefined || command.duration !== undefined) this.#running.delete(at);
    }
  }

  #tell(state: CommandList["state"]): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

function bytesOf(event: Event): number {
  return event.kind === "output" ? event.data.length : 0;
}

function listed({ line, start, startEvents, duration, exitStatus, signal, depth }: Command): ListedCommand {
  const place = startEvents === undefined ? { time: start } : { events: startEvents };
  return { line, start, duration, exitStatus, signal, depth, place };
}
