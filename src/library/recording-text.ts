// What a recording showed and what was run in it, as it is searched: read once through, memory flat.
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Command, CommandFinder } from "../analyze/index.js";
import { type Batch, type Header, T2aError } from "../core/index.js";
import type { IndexedCommand, Passage, RecordingText } from "../store/index.js";
import { ShownText } from "../terminal/index.js";
import { PassageBuilder } from "./passage-builder.js";

/** A recording to be read. */
export interface TextSource {
  readonly header: Header;
  readonly batches: AsyncIterable<Batch>;
}

/** What is known beside the recording. */
export interface RecordingTextOptions extends ReadTextOptions {
  readonly sessionId: string;
  readonly recordingId: string;
  readonly title: string;
  /** Wall time at its start, milliseconds since 1970. */
  readonly startMs: number;
}

/** How to read the text. */
export interface ReadTextOptions {
  /** Where they are known already. */
  readonly commands?: readonly Command[] | undefined;
  /** Told what ends the recording before its end: what came before is searched. */
  readonly onDamage?: ((error: T2aError) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** UTF-16 units of text that are taken of one recording. */
const MAX_UNITS = 256 * 1024 * 1024;
/** Output is taken in parts of so many bytes: some of it is a hundred times slower than text. */
const PART_BYTES = 16 * 1024;
/** Milliseconds of work at a stretch. */
const STRETCH_MS = 8;

/** The text of a recording, whose source stays the caller's. Its passages can be read once. */
export function recordingText(source: TextSource, options: RecordingTextOptions): RecordingText {
  const { sessionId, recordingId, title, startMs } = options;
  return { sessionId, recordingId, title, startMs, ...readText(source, options) };
}

/** What was shown and run, of whichever recording it is. */
export function readText(source: TextSource, options: ReadTextOptions): Pick<RecordingText, "passages" | "commands"> {
  const reader = new TextReader(source, options);
  return { passages: reader.passages(), commands: () => reader.commands };
}

class TextReader {
  readonly #source: TextSource;
  readonly #options: ReadTextOptions;
  readonly #finder: CommandFinder | undefined;
  readonly #builder = new PassageBuilder();
  #full: Passage[] = [];
  #units = 0;
  #stretch = 0;

  constructor(source: TextSource, options: ReadTextOptions) {
    this.#source = source;
    this.#options = options;
    this.#finder = options.commands === undefined ? new CommandFinder(source.header) : undefined;
  }

  /** Those whose line is known, numbered as `t2a commands` does. */
  get commands(): readonly IndexedCommand[] {
    const commands = this.#options.commands ?? this.#finder?.commands ?? [];
    return commands.flatMap(({ line, cwd, start, duration, exitStatus }, at) =>
      line === undefined
        ? []
        : [{ number: at + 1, line, cwd, startNs: start, durationNs: duration, exitStatus } satisfies IndexedCommand],
    );
  }

  async *passages(): AsyncGenerator<Passage> {
    let timeNs = 0;
    const shown = new ShownText(this.#source.header, (appearance) => {
      const passage = this.#builder.add(appearance, timeNs);
      if (passage !== undefined) this.#full.push(passage);
    });
    try {
      this.#stretch = performance.now();
      for await (const batch of this.#source.batches) {
        this.#finder?.batch(batch);
        for (const event of batch) {
          if (this.#units >= MAX_UNITS) break;
          timeNs = event.time;
          if (event.kind === "resize") shown.resize(event.cols, event.rows);
          else if (event.kind !== "output") continue;
          else for (const part of partsOf(event.data)) await this.#feed(shown, part);
          shown.look();
        }
        yield* this.#take();
        await this.#rest();
      }
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      const isDamage = error instanceof T2aError && /^T2A_(FORMAT|CODEC|STORE_DAMAGED)/.test(error.code);
      if (!isDamage) throw error;
      this.#options.onDamage?.(error);
    } finally {
      shown.dispose();
      this.#finder?.end();
      this.#finder?.close();
    }
    const last = this.#builder.end();
    if (last !== undefined) this.#full.push(last);
    yield* this.#take();
  }

  async #feed(shown: ShownText, part: Uint8Array): Promise<void> {
    shown.feed(part);
    await this.#rest();
  }

  *#take(): Generator<Passage> {
    const full = this.#full;
    this.#full = [];
    for (const passage of full) {
      for (const { text } of passage.lines) this.#units += text.length + 1;
      yield passage;
    }
  }

  async #rest(): Promise<void> {
    if (performance.now() - this.#stretch < STRETCH_MS) return;
    await nextTurn();
    this.#options.signal?.throwIfAborted();
    this.#stretch = performance.now();
  }
}

function* partsOf(data: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < data.length; at += PART_BYTES) yield data.subarray(at, at + PART_BYTES);
}
