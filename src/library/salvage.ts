// Salvaging: what is good of a damaged .t2r goes into a file of its own, in its final form; the damaged one stays as it is,
// because what cannot be read today may be of use to somebody yet.
import { statSync } from "node:fs";
import { copyRecording, getFormat, openRecording, readSignatures } from "../../formats/index.js";
import {
  type Batch,
  type Event,
  FormatError,
  type MissingSpan,
  parseGap,
  type Recording,
  type Source,
  UsageError,
  type Warning,
  wrapSource,
} from "../core/index.js";
import { openFileTarget } from "../files/index.js";
import { KeyframeMaker } from "../terminal/index.js";

/** Gaps, and warnings, told of at most. */
const MAX_TOLD = 1000;

/** Where to write what is good of a damaged file. */
export interface SalvageTarget {
  /** Never the damaged file itself. */
  readonly path: string;
  /** Replace an existing file. */
  readonly overwrite?: boolean;
}

/** What was salvaged. Sizes are bytes, the duration nanoseconds. */
export interface Salvage {
  readonly path: string;
  readonly events: number;
  readonly outputBytes: number;
  readonly durationNanos: number;
  readonly size: number;
  /** What is missing, the first {@link MAX_TOLD}. */
  readonly lost: readonly MissingSpan[];
  readonly warnings: readonly Warning[];
}

/** How to salvage. */
export interface SalvageOptions {
  readonly signal?: AbortSignal | undefined;
  /** Gets bytes of output. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/**
 * Writes all that is good of a damaged .t2r. The source stays open.
 * @throws UsageError where the target is the damaged file; FormatError `T2A_FORMAT_HEADER` where nothing is good; what
 * reading and writing throw.
 */
export async function salvageT2r(source: Source, to: SalvageTarget, options: SalvageOptions = {}): Promise<Salvage> {
  if (isSameFile(source.name, to.path)) {
    throw new UsageError(`${to.path} is the damaged file: what is good of it goes into another one`);
  }
  const format = getFormat("t2r");
  const warnings: Warning[] = [];
  const onWarning = (warning: Warning) => warnings.length < MAX_TOLD && warnings.push(warning);
  const signatures = await readSignatures(source).catch(noneWhereDamaged);
  const staying = wrapSource(source, { close: async () => {} });
  const recording = await openRecording(staying, { format, recover: true, onWarning });
  const counted = new Counted(recording, options.onProgress);
  const target = openFileTarget(to.path, { overwrite: to.overwrite === true });
  const { durationNanos } = await copyRecording(counted.recording, format, target, {
    signal: options.signal,
    createKeyframes: (size: { readonly cols: number; readonly rows: number }) => new KeyframeMaker(size),
    signatures,
  });
  const { events, outputBytes, lost } = counted;
  return { path: to.path, events, outputBytes, durationNanos, size: statSync(to.path).size, lost, warnings };
}

function noneWhereDamaged(error: unknown): [] {
  if (error instanceof FormatError) return [];
  throw error;
}

function isSameFile(one: string, other: string): boolean {
  const a = statSync(one);
  const b = statSync(other, { throwIfNoEntry: false });
  return a.ino === b?.ino && a.dev === b.dev;
}

/** A recording whose events are counted as they pass by. */
class Counted {
  readonly recording: Recording;
  readonly lost: MissingSpan[] = [];
  events = 0;
  outputBytes = 0;

  constructor(recording: Recording, onProgress: (done: number) => void = () => {}) {
    this.recording = { ...recording, batches: this.#batches(recording.batches, onProgress) };
  }

  async *#batches(batches: AsyncIterable<Batch>, onProgress: (done: number) => void): AsyncGenerator<Batch> {
    for await (const batch of batches) {
      for (const event of batch) this.#count(event);
      yield batch;
      onProgress(this.outputBytes);
    }
  }

  #count(event: Event): void {
    if (event.kind === "output") this.outputBytes += event.data.length;
    const { reason, ...span } = parseGap(event) ?? {};
    if (reason !== "damage") this.events++;
    else if (this.lost.length < MAX_TOLD) this.lost.push(span);
  }
}
