// Writing of script recordings: typescript, timing file, and an input log once there is input. Output goes to disk before
// the record that times it, so whatever instant a crash picks, what is timed is there. Times are rounded absolutely.
import {
  type Batch,
  type CustomEvent,
  type EncodeOptions,
  type Event,
  type Header,
  Losses,
  type Target,
  type Writer,
} from "../../src/core/index.js";
import { HEADER_CODE, SIGNAL_CODE } from "./codes.js";
import { baseName } from "./find-files.js";
import { headerLosses, headerRecords } from "./timing-header.js";
import { formatFirstLine, formatTrailer, parseSize } from "./typescript-line.js";

/** The name of a file beside a typescript: the extension `.typescript` gives way, any other stays. */
function besideName(typescript: string, suffix: string): string {
  return baseName(typescript).replace(/\.typescript$/, "") + suffix;
}

/** A writer over a typescript's target and its siblings. */
export class ScriptWriter implements Writer {
  readonly losses = new Losses();
  readonly #timingKind: "advanced" | "classic";
  readonly #typescript: Target;
  readonly #timing: Target;
  #input: Target | undefined;
  #firstLine = "";
  #startTime: bigint | undefined;
  /** Microseconds of the last record. */
  #last = 0;
  /** Not written before the end: nothing follows an exit. */
  #exit: Extract<Event, { kind: "exit" }> | undefined;
  #output: Uint8Array[] = [];
  #typed: Uint8Array[] = [];
  #records = "";
  readonly sync?: () => Promise<void>;

  constructor(target: Target, { timing = "advanced" }: EncodeOptions) {
    this.#timingKind = timing;
    this.#typescript = target;
    this.#timing = target.sibling(besideName(target.name, ".timing"));
    if (target.sync !== undefined) this.sync = () => this.#sync();
  }

  header(header: Header): void | Promise<void> {
    this.losses.add("header", headerLosses(header, this.#timingKind));
    this.#startTime = header.startTime;
    this.#firstLine = `${formatFirstLine(header)}\n`;
    this.#output.push(Buffer.from(this.#firstLine));
    if (this.#timingKind === "advanced") {
      const files = { timing: baseName(this.#timing.name), output: baseName(this.#typescript.name) };
      for (const record of headerRecords(header, files)) this.#records += `H 0.000000 ${record}\n`;
    }
    return this.#flush();
  }

  events(batch: Batch): void | Promise<void> {
    for (const event of batch) {
      if (event.kind === "output") this.#bytes("O", event, event.data, this.#output);
      else if (this.#timingKind === "classic") this.#classic(event);
      else this.#advanced(event);
    }
    return this.#flush();
  }

  end(): void | Promise<void> {
    const exit = this.#exit;
    const end = exit === undefined ? this.#last : Math.max(this.#last, Math.round(exit.time / 1000));
    if (exit !== undefined && this.#timingKind === "classic" && end !== this.#last) this.losses.add("time");
    const wall = this.#startTime === undefined ? undefined : this.#startTime + BigInt(end) * 1000n;
    const trailer = Buffer.from(formatTrailer(wall, exit?.status));
    this.#output.push(trailer);
    if (this.#input !== undefined) this.#typed.push(trailer);
    if (this.#timingKind === "advanced") {
      this.#records += `H 0.000000 DURATION ${formatMicros(end)}\n`;
      if (exit !== undefined) this.#records += `H 0.000000 EXIT_CODE ${exit.status}\n`;
    }
    return this.#flush();
  }

  /** As in `#flush`: what is timed is there. */
  async #sync(): Promise<void> {
    for (const target of [this.#typescript, this.#input, this.#timing]) await target?.sync?.();
  }

  /** Anything but output, where the timing file has room for it. */
  #advanced(event: Exclude<Event, { kind: "output" }>): void {
    if (event.kind === "exit") this.#holdExit(event);
    else if (event.kind === "input") this.#typedBytes(event, event.data);
    else if (event.kind === "resize") this.#text("S", event, `SIGWINCH ROWS=${event.rows} COLS=${event.cols}`);
    else if (event.kind === "custom" && recordText(event) !== undefined) {
      this.#text(event.code === SIGNAL_CODE ? "S" : "H", event, recordText(event) ?? "");
    } else this.losses.add(event.kind);
  }

  #classic(event: Exclude<Event, { kind: "output" }>): void {
    if (event.kind === "exit") this.#holdExit(event);
    else this.losses.add(event.kind);
  }

  #holdExit(event: Extract<Event, { kind: "exit" }>): void {
    if (this.#exit !== undefined) this.losses.add("exit");
    this.#exit = event;
    if (event.meta !== undefined) this.losses.add("meta");
    if (event.time % 1000 !== 0 && this.#timingKind === "advanced") this.losses.add("time");
  }

  #typedBytes(event: Event, data: Uint8Array): void {
    if (data.length === 0) return;
    if (this.#input === undefined) {
      this.#input = this.#typescript.sibling(besideName(this.#typescript.name, ".in"));
      this.#typed.push(Buffer.from(this.#firstLine));
      this.#records += `H 0.000000 INPUT_LOG ${baseName(this.#input.name)}\n`;
    }
    this.#bytes("I", event, data, this.#typed);
  }

  #bytes(letter: "O" | "I", event: Event, data: Uint8Array, log: Uint8Array[]): void {
    if (data.length === 0) return;
    log.push(data);
    this.#records += `${this.#timingKind === "classic" ? "" : `${letter} `}${this.#delta(event)} ${data.length}\n`;
  }

  #text(letter: "S" | "H", event: Event, text: string): void {
    this.#records += `${letter} ${this.#delta(event)} ${text}\n`;
  }

  /** Seconds since the record before; counts what rounding and the format take away. */
  #delta({ time, meta }: Event): string {
    if (this.#exit !== undefined) {
      this.#exit = undefined; // the recording goes on behind it, as joined ones do
      this.losses.add("exit");
    }
    const micros = Math.round(time / 1000);
    if (micros * 1000 !== time) this.losses.add("time");
    if (meta !== undefined) this.losses.add("meta");
    const delta = micros - this.#last;
    this.#last = micros;
    return formatMicros(delta);
  }

  /** Logs before the records that time them. Waits only for targets that ask for it. */
  #flush(): void | Promise<void> {
    const writes: [Target | undefined, Uint8Array][] = [
      [this.#typescript, joined(this.#output)],
      [this.#input, joined(this.#typed)],
      [this.#timing, Buffer.from(this.#records)],
    ];
    this.#output = [];
    this.#typed = [];
    this.#records = "";
    return writeInOrder(writes.filter(([, bytes]) => bytes.length > 0));
  }
}

function writeInOrder(writes: readonly (readonly [Target | undefined, Uint8Array])[]): void | Promise<void> {
  for (const [index, [target, bytes]] of writes.entries()) {
    const pending = target?.write(bytes);
    if (pending !== undefined) return pending.then(() => writeInOrder(writes.slice(index + 1)));
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}

/** Whether a record would be read as something other than a custom event. */
function meansMore(code: string, text: string): boolean {
  if (code === HEADER_CODE) return /^(?:EXIT_CODE -?[0-9]{1,10}$|(?:DURATION|INPUT_LOG|OUTPUT_LOG)(?: |$))/.test(text);
  const match = /^SIGWINCH ROWS=([0-9]+) COLS=([0-9]+)$/.exec(text);
  return parseSize(match?.[2], match?.[1]) !== undefined;
}

/** The text of a record that a decoder kept as a custom event; undefined for all other events. */
function recordText({ code, data }: CustomEvent): string | undefined {
  if (code !== SIGNAL_CODE && code !== HEADER_CODE) return undefined;
  const text: unknown = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString());
  if (typeof text !== "string" || meansMore(code, text)) return undefined;
  return /^[A-Z][A-Z0-9_]*( [^\p{Cc}]*)?$/u.test(text) ? text : undefined;
}

function formatMicros(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  return `${seconds}.${String(micros - seconds * 1e6).padStart(6, "0")}`;
}
