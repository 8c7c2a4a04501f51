// What is kept of a recording to be compared with another: its commands and what they printed, all text it showed, its screen at
// some moments. Memory is bounded: of text that is too much only a digest is kept.
import { createHash } from "node:crypto";
import type { Event, Recording } from "../core/index.js";
import { KeptLines, OutputText, Screen, type Snapshot } from "../terminal/index.js";
import type { CommandText } from "./analyzer.js";
import type { Command } from "./command.js";
import { CommandFinder } from "./command-finder.js";

/** Text that was printed; the digest tells whether it is the same as another, also where it is not kept. */
export interface KeptText {
  readonly text: string | undefined;
  readonly digest: string;
  /** There were more lines than are kept: the first and the last ones are in it. */
  readonly isCut: boolean;
}

/** A command, and what it printed if anything. */
export interface ComparedCommand {
  readonly command: Command;
  readonly text: KeptText | undefined;
}

/** A recording as it is compared. */
export interface ComparedRecording {
  readonly cols: number;
  readonly rows: number;
  /** Time of its last event, nanoseconds. */
  readonly duration: number;
  readonly commands: readonly ComparedCommand[];
  /** All that it showed, but for what programs drew on the alternate screen. */
  readonly text: KeptText;
  /** In the order in which the moments were asked for. */
  readonly screens: readonly Snapshot[];
}

/** What is wanted of a recording. */
export interface ReadComparedOptions {
  /** When to look at the screen, nanoseconds; Infinity is the end. An event at that very time is included. */
  readonly moments: readonly number[];
}

/** UTF-16 units of what one command printed, of all text of a recording, and of what all its commands printed. */
const MAX_COMMAND_UNITS = 256 * 1024;
const MAX_TEXT_UNITS = 4 * 1024 * 1024;
const MAX_ALL_UNITS = 32 * 1024 * 1024;

/** Reads a recording, which the caller closes. @throws what reading it throws. */
export async function readCompared(recording: Recording, { moments }: ReadComparedOptions): Promise<ComparedRecording> {
  const { cols, rows } = recording.header;
  const texts = new Map<Command, KeptText>();
  let units = 0;
  const onCommand = (command: Command, text: CommandText | undefined) => {
    if (text === undefined || text.text === "") return;
    units += text.text.length;
    texts.set(command, keep(text, units <= MAX_ALL_UNITS));
  };
  const finder = new CommandFinder(recording.header, { text: { maxUnits: MAX_COMMAND_UNITS }, onCommand });
  const lines = new KeptLines(MAX_TEXT_UNITS);
  const text = new OutputText({ cols, rows, onLine: (line) => lines.push(line) });
  const screens = new ScreensAt(recording.header, moments);
  let duration = 0;
  try {
    for await (const batch of recording.batches) {
      for (const event of batch) {
        screens.take(event);
        if (event.kind === "output") text.feed(event.data);
        else if (event.kind === "resize") text.resize(event.cols, event.rows);
      }
      finder.batch(batch);
      duration = batch.at(-1)?.time ?? duration;
    }
    finder.end();
    text.end();
    return {
      cols,
      rows,
      duration,
      commands: finder.commands.map((command) => ({ command, text: texts.get(command) })),
      text: keep({ text: lines.all().join("\n"), isCut: lines.leftOut > 0 }, true),
      screens: screens.end(),
    };
  } finally {
    finder.close();
    screens.dispose();
  }
}

function keep({ text, isCut }: CommandText, isKept: boolean): KeptText {
  return { text: isKept ? text : undefined, digest: createHash("sha256").update(text).digest("hex"), isCut };
}

/** Looks at a screen at moments. */
class ScreensAt {
  readonly #screen: Screen;
  readonly #found: (Snapshot | undefined)[];
  /** What is still to come, the earliest last. */
  readonly #waiting: { readonly time: number; readonly index: number }[];

  constructor(size: { readonly cols: number; readonly rows: number }, moments: readonly number[]) {
    this.#screen = new Screen({ cols: size.cols, rows: size.rows });
    this.#found = moments.map(() => undefined);
    this.#waiting = moments.map((time, index) => ({ time, index })).sort((a, b) => b.time - a.time);
  }

  take(event: Event): void {
    if (this.#waiting.length === 0) return;
    this.#look(event.time);
    if (event.kind === "output") this.#screen.feed(event.data);
    else if (event.kind === "resize") this.#screen.resize(event.cols, event.rows);
  }

  end(): readonly Snapshot[] {
    this.#look(undefined);
    return this.#found.filter((snapshot) => snapshot !== undefined);
  }

  dispose(): void {
    this.#screen.dispose();
  }

  /** Takes what was asked for before a time; all where it is over. */
  #look(time: number | undefined): void {
    for (let next = this.#waiting.at(-1); next !== undefined; next = this.#waiting.at(-1)) {
      if (time !== undefined && next.time >= time) return;
      this.#found[next.index] = this.#screen.snapshot();
      this.#waiting.pop();
    }
  }
}
