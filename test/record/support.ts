// What the recorder's tests share: a terminal whose user is the test, and sinks that keep what they get.
import type { Batch, Event, Header } from "../../src/core/index.js";
import type { TtySize, UserTty } from "../../src/pty/index.js";
import { type EventSink, type RecordOptions, type RecordResult, SessionRecorder } from "../../src/record/index.js";
import { pollUntil } from "../support/poll-until.js";

/** A terminal in memory: the test types, looks, changes its size, stalls it, closes its window. */
export class TestTty implements UserTty {
  readonly shown: Uint8Array[] = [];
  started = false;
  closed = false;
  /** While true nothing that is written is taken. */
  stalled = false;
  pendingBytes = 0;
  #size: TtySize;
  #waiting: { readonly bytes: Uint8Array; readonly resolve: () => void }[] = [];
  #input: (bytes: Uint8Array) => void = () => {};
  #resize: (size: TtySize) => void = () => {};
  #hangup: () => void = () => {};

  constructor(size: TtySize = { cols: 80, rows: 24 }) {
    this.#size = size;
  }

  get text(): string {
    return Buffer.concat(this.shown).toString();
  }

  size(): TtySize {
    return this.#size;
  }

  start(): void {
    this.started = true;
  }

  onInput(listener: (bytes: Uint8Array) => void): void {
    this.#input = listener;
  }

  onResize(listener: (size: TtySize) => void): void {
    this.#resize = listener;
  }

  onHangup(listener: () => void): void {
    this.#hangup = listener;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (!this.stalled) {
      this.shown.push(bytes);
      return Promise.resolve();
    }
    this.pendingBytes += bytes.length;
    return new Promise((resolve) => this.#waiting.push({ bytes, resolve }));
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** Takes what waits, and all that comes. */
  unstall(): void {
    this.stalled = false;
    this.pendingBytes = 0;
    for (const { bytes, resolve } of this.#waiting.splice(0)) {
      this.shown.push(bytes);
      resolve();
    }
  }

  type(text: string): void {
    this.#input(Buffer.from(text));
  }

  setSize(size: TtySize): void {
    this.#size = size;
    this.#resize(size);
  }

  hangUp(): void {
    this.#hangup();
  }

  async sees(text: string): Promise<void> {
    await pollUntil(`${text} on the terminal`, () => this.text.includes(text)).catch((error: Error) => {
      throw new Error(`${error.message}; it shows ${JSON.stringify(this.text.slice(-1000))}`);
    });
  }
}

/** Keeps events; fails when told to. */
export class MemorySink implements EventSink {
  readonly name: string;
  readonly batches: Batch[] = [];
  closed = 0;
  /** Thrown by the next write. */
  failure: Error | undefined;
  /** Thrown by close. */
  closeFailure: Error | undefined;
  onWrite: (batch: Batch) => void = () => {};

  constructor(name = "memory") {
    this.name = name;
  }

  get events(): readonly Event[] {
    return this.batches.flat();
  }

  get output(): string {
    return outputText(this.events);
  }

  write(batch: Batch): void {
    if (this.failure !== undefined) throw this.failure;
    this.batches.push(batch);
    this.onWrite(batch);
  }

  async close(): Promise<void> {
    this.closed++;
    if (this.closeFailure !== undefined) throw this.closeFailure;
  }
}

/** The text of all output events. */
export function outputText(events: readonly Event[]): string {
  return Buffer.concat(events.flatMap((event) => (event.kind === "output" ? [event.data] : []))).toString();
}

/** Events short enough to compare: bytes as text, without times. */
export function brief(events: readonly Event[], kinds: readonly Event["kind"][]): readonly string[] {
  return events
    .filter(({ kind }) => kinds.includes(kind))
    .map((event) => {
      if ("data" in event) return `${event.kind} ${Buffer.from(event.data).toString()}`;
      if (event.kind === "resize") return `resize ${event.cols}x${event.rows}`;
      return event.kind === "exit" ? `exit ${event.status}` : `marker ${event.label}`;
    });
}

/** A recording under way. */
export interface Running {
  readonly recorder: SessionRecorder;
  readonly tty: TestTty;
  readonly sink: MemorySink;
  readonly headers: readonly Header[];
  readonly result: Promise<RecordResult>;
}

/** Starts recording a shell script on a test terminal. */
export function startRecording(
  script: string,
  options: Partial<RecordOptions> & { readonly tty?: TestTty } = {},
): Running {
  return startRecordingOf("/bin/sh", ["-c", script], options);
}

/** Starts recording a program on a test terminal. */
export function startRecordingOf(
  file: string,
  args: readonly string[],
  options: Partial<RecordOptions> & { readonly tty?: TestTty } = {},
): Running {
  const tty = options.tty ?? new TestTty();
  const sink = new MemorySink();
  const headers: Header[] = [];
  const recorder = new SessionRecorder({
    file,
    args,
    env: { ...process.env, TERM: "xterm-256color" },
    cwd: process.cwd(),
    probeTimeoutMs: 0,
    endOn: [],
    createSinks: (header) => {
      headers.push(header);
      return [sink];
    },
    ...options,
    tty,
  });
  return { recorder, tty, sink, headers, result: recorder.run() };
}
