// Recordings and views for the tests of playback.
import type { Batch, Event, Header, Recording } from "../../src/core/index.js";
import { NANOS_PER_SECOND } from "../../src/core/index.js";
import type { Clock, View } from "../../src/play/index.js";

const encoder = new TextEncoder();

export function output(seconds: number, data: string | Uint8Array): Event {
  const bytes = typeof data === "string" ? encoder.encode(data) : data;
  return { kind: "output", time: Math.round(seconds * NANOS_PER_SECOND), data: bytes };
}

export function marker(seconds: number, label = ""): Event {
  return { kind: "marker", time: Math.round(seconds * NANOS_PER_SECOND), label };
}

export function resize(seconds: number, cols: number, rows: number): Event {
  return { kind: "resize", time: Math.round(seconds * NANOS_PER_SECOND), cols, rows };
}

export function input(seconds: number, text: string): Event {
  return { kind: "input", time: Math.round(seconds * NANOS_PER_SECOND), data: encoder.encode(text) };
}

/** A recording of these events in batches of `batchEvents`; `failure` is thrown after the last one. */
export function recordingOf(
  events: readonly Event[],
  options: { header?: Partial<Header>; batchEvents?: number; failure?: Error; onClose?: () => void } = {},
): Recording {
  const { batchEvents = 1024, failure, onClose = () => {} } = options;
  async function* batches(): AsyncGenerator<Batch> {
    for (let at = 0; at < events.length; at += batchEvents) yield events.slice(at, at + batchEvents);
    if (failure !== undefined) throw failure;
  }
  return {
    header: { cols: 80, rows: 24, ...options.header },
    format: "test",
    batches: batches(),
    close: async () => onClose(),
  };
}

/** What a view was shown and when, on the player's clock. */
export interface Shown {
  readonly at: number;
  readonly what: string;
}

/** A view that notes everything; `onOutput` may hold it up or give commands. */
export class NotingView implements View {
  readonly shown: Shown[] = [];
  readonly #clock: Clock;
  readonly #onOutput: (text: string, bytes: Uint8Array) => boolean | undefined | Promise<boolean | undefined>;
  readonly #watchers: { text: string; resolve: () => void }[] = [];

  constructor(
    clock: Clock,
    onOutput: (text: string, bytes: Uint8Array) => boolean | undefined | Promise<boolean | undefined> = () => true,
  ) {
    this.#clock = clock;
    this.#onOutput = onOutput;
  }

  get text(): string {
    return this.shown.map(({ what }) => what).join("");
  }

  async output(bytes: Uint8Array): Promise<boolean> {
    const text = Buffer.from(bytes).toString();
    this.#note(text);
    return (await this.#onOutput(text, bytes)) ?? true;
  }

  async resize(cols: number, rows: number): Promise<boolean> {
    this.#note(`<${cols}x${rows}>`);
    return true;
  }

  async restart(): Promise<boolean> {
    this.#note("<restart>");
    return true;
  }

  /** Resolves once what was shown ends in this text. */
  until(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.text.endsWith(text)) resolve();
      else this.#watchers.push({ text, resolve });
    });
  }

  #note(what: string): void {
    this.shown.push({ at: this.#clock.now(), what });
    for (const watcher of this.#watchers) if (this.text.endsWith(watcher.text)) watcher.resolve();
  }
}
