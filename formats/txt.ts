// txt: what the screen showed as plain text, lines that scrolled off included, wrapped lines joined. Write-only.
import { type Batch, type Encoder, type Format, type Header, Losses } from "../src/core/index.js";
import type { TextLog, TextLogOptions } from "../src/terminal/index.js";

/** Text for people: to read, grep and paste. */
export const txt: Format = {
  name: "txt",
  title: "what the screen showed, as text",
  extensions: [".txt"],
  supports: {
    input: false,
    resize: true,
    marker: false,
    exit: false,
    custom: false,
    meta: false,
    bytes: false,
    timeStepNanos: Number.POSITIVE_INFINITY,
    crashSafe: false,
    append: false,
    follow: false,
  },
  createEncoder: async () => {
    const terminal = await import("../src/terminal/index.js"); // a terminal's engine: not for those who move bytes
    return new TxtEncoder((options) => new terminal.TextLog(options));
  },
};

class TxtEncoder implements Encoder {
  readonly losses = new Losses();
  readonly #createLog: (options: TextLogOptions) => TextLog;
  #log: TextLog | undefined;
  #lines: string[] = [];

  constructor(createLog: (options: TextLogOptions) => TextLog) {
    this.#createLog = createLog;
  }

  header({ cols, rows }: Header): Uint8Array {
    this.#log = this.#createLog({ cols, rows, onLine: (line) => this.#lines.push(line) });
    return new Uint8Array(0);
  }

  /** Text is a rendering: that colours, times and control codes are gone is what was asked for and counts as no loss. */
  events(batch: Batch): Uint8Array {
    for (const event of batch) {
      if (event.kind === "output") this.#log?.feed(event.data);
      else if (event.kind === "resize") this.#log?.resize(event.cols, event.rows);
      else this.losses.add(event.kind);
    }
    return this.#take();
  }

  end(): Uint8Array {
    this.#log?.end();
    return this.#take();
  }

  #take(): Uint8Array {
    const lines = this.#lines;
    this.#lines = [];
    return Buffer.from(lines.map((line) => `${line}\n`).join(""), "utf8");
  }
}
