// raw: exactly the output bytes, nothing before or after. Read only when asked for by extension or name, as output at
// time 0, because any bytes at all are a raw recording.
import { type Batch, DEFAULT_COLS, DEFAULT_ROWS, type Encoder, type Format, Losses } from "../src/core/index.js";
import { checkAborted } from "./damage.js";

/** Output bytes alone. */
export const raw: Format = {
  name: "raw",
  title: "output bytes alone, without times",
  extensions: [".raw"],
  supports: {
    input: false,
    resize: false,
    marker: false,
    exit: false,
    custom: false,
    meta: false,
    bytes: true,
    timeStepNanos: Number.POSITIVE_INFINITY,
    crashSafe: true,
    append: true,
    follow: true,
  },
  decode: async (source, options) => {
    const chunks = source.stream();
    async function* batches(): AsyncGenerator<Batch> {
      for await (const data of chunks) {
        checkAborted(options);
        if (data.length > 0) yield [{ kind: "output", time: 0, data }];
      }
    }
    return {
      header: { cols: DEFAULT_COLS, rows: DEFAULT_ROWS },
      format: "raw",
      batches: batches(),
      close: async () => {},
    };
  },
  createEncoder: () => new RawEncoder(),
};

const NOTHING = new Uint8Array(0);

class RawEncoder implements Encoder {
  readonly losses = new Losses();

  header(): Uint8Array {
    return NOTHING;
  }

  events(batch: Batch): Uint8Array {
    const output: Uint8Array[] = [];
    for (const event of batch) {
      if (event.kind !== "output") this.losses.add(event.kind);
      else {
        if (event.meta !== undefined) this.losses.add("meta");
        output.push(event.data);
        if (event.time !== 0) this.losses.add("time");
      }
    }
    return output.length === 1 ? (output[0] ?? NOTHING) : Buffer.concat(output);
  }

  end(): Uint8Array {
    return NOTHING;
  }
}
