// Finds the commands of a recording whose shells mark them (shell integration: OSC 133 and 633).
import { setImmediate } from "node:timers/promises";
import type { Batch, Event, Header, Recording } from "../core/index.js";
import { type PlacedShellMark, ShellMarkParser, TypedLine } from "../terminal/index.js";
import type { Command } from "./command.js";
import { ShellStack } from "./shell-stack.js";

/** Milliseconds of work before others have their turn. */
const TURN_MS = 8;

/** Takes the events of a recording, in order, and knows the commands in them. */
export class CommandFinder {
  readonly #parser = new ShellMarkParser();
  readonly #shells = new ShellStack();
  readonly #typed: TypedLine;
  #isAlternate = false;
  /** Number and time of the event at hand, from 0. */
  #event = -1;
  #time = 0;
  /** Bytes of output taken, and those of them that are told to be a command's or known not to be. */
  #offset = 0;
  #counted = 0;

  constructor({ cols }: Pick<Header, "cols">) {
    this.#typed = new TypedLine(cols);
  }

  /**
   * Takes a whole recording, which the caller closes. `signal` ends it early, with its reason. What was found before the
   * recording throws stays found.
   */
  async read(recording: Recording, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    let turn = performance.now();
    for await (const batch of recording.batches) {
      for (const event of batch) {
        signal?.throwIfAborted();
        this.#take(event);
        if (performance.now() - turn < TURN_MS) continue;
        await setImmediate();
        turn = performance.now();
      }
    }
  }

  batch(batch: Batch): void {
    for (const event of batch) this.#take(event);
  }

  /** The commands so far, in the order in which they began. What still runs has no duration. */
  get commands(): readonly Command[] {
    return this.#shells.commands;
  }

  /** Frees what it holds. The commands stay. */
  close(): void {
    this.#typed.dispose();
  }

  #take(event: Event): void {
    this.#event++;
    this.#time = event.time;
    if (event.kind === "output") this.#output(event.data);
    else if (event.kind === "resize") this.#typed.resize(event.cols);
    else if (event.kind === "exit") this.#shells.exit(event.status, event.time);
  }

  #output(data: Uint8Array): void {
    const before = this.#offset;
    this.#offset += data.length;
    let fed = 0;
    for (const mark of this.#parser.parse(data)) {
      this.#count(mark.start, data, before);
      this.#typed.feed(data.subarray(fed, mark.end - before));
      fed = mark.end - before;
      this.#mark(mark);
      this.#counted = mark.end;
    }
    this.#count(this.#parser.openAt ?? this.#offset, data, before);
    this.#typed.feed(data.subarray(fed));
  }

  /** `data` begins at the byte `before`. */
  #count(end: number, data: Uint8Array, before: number): void {
    if (end <= this.#counted) return;
    const lines = countLines(data, Math.max(0, this.#counted - before), Math.max(0, end - before));
    this.#shells.output({ startByte: this.#counted, endByte: end, lines }, this.#event, this.#time);
    this.#counted = end;
  }

  #mark(mark: PlacedShellMark): void {
    if (mark.kind === "alternate") this.#isAlternate = mark.on;
    // What an editor or a terminal multiplexer shows is no prompt of this shell.
    if (this.#isAlternate) return;
    switch (mark.kind) {
      case "promptStart":
        this.#shells.promptStart(mark, this.#time);
        this.#typed.begin();
        break;
      case "promptEnd":
        this.#promptEnd();
        break;
      case "commandLine":
        this.#shells.commandLine(mark);
        break;
      case "outputStart":
        this.#outputStart();
        break;
      case "commandEnd":
        this.#shells.commandEnd(mark, this.#time);
        break;
      case "cwd":
        this.#shells.cwd(mark.path);
        break;
      case "contextStart":
        this.#contextStart(mark.fields.get("cwd"));
    }
  }

  #promptEnd(): void {
    if (this.#shells.isRunning) return;
    this.#shells.promptEnd();
    this.#typed.mark();
  }

  #contextStart(cwd: string | undefined): void {
    if (cwd !== undefined) this.#shells.cwd(cwd);
  }

  #outputStart(): void {
    if (this.#shells.isRunning) return;
    // Reading the screen is left out where the shell told its line.
    const typed = this.#shells.markedLine === undefined ? this.#typed.text() : undefined;
    this.#typed.end();
    this.#shells.outputStart(typed, this.#time);
  }
}

const LINE_FEED = 0x0a;

function countLines(bytes: Uint8Array, start: number, end: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED, start); at >= 0 && at < end; at = bytes.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}
