// Finds the commands of a recording: by the marks that its shells put into their output (shell integration: OSC 133 and 633), or,
// where there are none, by what was typed and echoed.
import { setImmediate } from "node:timers/promises";
import {
  type Batch,
  type Event,
  type ExitEvent,
  type Header,
  MARK_CODE,
  MAX_VARIABLES,
  type Recording,
} from "../core/index.js";
import { type PlacedShellMark, ShellMarkParser, TypedLine } from "../terminal/index.js";
import type { CommandText } from "./analyzer.js";
import type { Command } from "./command.js";
import { type Beginning, CommandLog } from "./command-log.js";
import { COMMAND_CONTEXT, type ContextMark, Contexts, statusOf } from "./contexts.js";
import { EndOfLineMark } from "./end-of-line-mark.js";
import { PromptReader } from "./prompt-reader.js";
import type { ShellPhase } from "./shell-level.js";
import { ShellStack, type ShellsState } from "./shell-stack.js";

/** Milliseconds of work before others have their turn. */
const TURN_MS = 8;

/** Longer data of a verdict says nothing. */
const MAX_VERDICT_BYTES = 64;

/** What is wanted of a recording beside its commands. */
export interface CommandFinderOptions {
  /** Give the text that each command printed, of at most so many UTF-16 units: its first and its last lines. Costs time. */
  readonly text?: { readonly maxUnits: number } | undefined;
  /** Commands that ended are told to `onCommand` alone: what is open takes no more memory however long the recording is. */
  readonly isForgetful?: boolean | undefined;
  /** Goes on behind the events that another finder has taken: `saveState` of it. */
  readonly state?: FinderState | undefined;
  /** Called with each command when it ended, or the recording did; inner ones before the one around them. */
  readonly onCommand?: ((command: Command, text: CommandText | undefined) => void) | undefined;
  /** Called where a program shows the alternate buffer, and where it leaves it, with the time. */
  readonly onAlternate?: ((isOn: boolean, time: number) => void) | undefined;
}

/** What a finder knows, to go on with. JSON, but for members that are undefined. */
export interface FinderState {
  readonly shells: ShellsState;
  readonly isMarked: boolean;
  readonly isAlternate: boolean;
  /** Events and bytes of output that were taken, and the time of the last. */
  readonly events: number;
  readonly offset: number;
  readonly time: number;
  /** As `CommandFinder.environment`. */
  readonly environment?: Readonly<Record<string, string | null>> | undefined;
}

/** What the shells of a recording are at. */
export interface ShellFacts {
  /** Of the innermost shell; `fresh` where it has marked nothing yet. */
  readonly phase: ShellPhase;
  /** Where the outermost shell is, as it told last. */
  readonly cwd: string | undefined;
  /** What runs, of the outermost shell first. Changed while it runs. */
  readonly running: readonly Command[];
  /** Shells mark their commands: else `phase` says nothing. */
  readonly isMarked: boolean;
  /** The outermost shell proves its marks. */
  readonly hasProof: boolean;
  /** Prompts that were begun, those drawn again among them. */
  readonly prompts: number;
  /** Shells around the innermost one. */
  readonly depth: number;
}

/** A mark at the end of an event: what comes next says whether it is proven. */
interface WaitingMark {
  readonly mark: PlacedShellMark;
  readonly time: number;
  readonly beginning: Beginning;
}

/** Takes the events of a recording, in order, and knows the commands in them. */
export class CommandFinder {
  readonly #host: string | undefined;
  readonly #parser: ShellMarkParser;
  readonly #log: CommandLog;
  readonly #shells: ShellStack;
  readonly #prompts: PromptReader;
  readonly #contexts = new Contexts();
  readonly #typed: TypedLine;
  readonly #endOfLine = new EndOfLineMark();
  /** Shells mark their commands: none are inferred any more. */
  #isMarked = false;
  #isAlternate = false;
  readonly #environment = new Map<string, string | null>();
  readonly #onAlternate: CommandFinderOptions["onAlternate"];
  #waiting: WaitingMark | undefined;
  /** Number and time of the event at hand, from 0. */
  #event = -1;
  #time = 0;
  /** Bytes of output taken, and those of them that are told to be a command's or known not to be. */
  #offset = 0;
  #counted = 0;
  /** Output that may become a mark. */
  #held: Uint8Array = NOTHING;

  constructor(header: Pick<Header, "cols"> & Partial<Header>, options: CommandFinderOptions = {}) {
    const { cols, rows = 24, host } = header;
    this.#host = host;
    this.#onAlternate = options.onAlternate;
    this.#log = new CommandLog({ cols, rows }, options);
    this.#shells = new ShellStack(this.#log);
    this.#prompts = new PromptReader(this.#log, cols);
    this.#typed = new TypedLine(cols);
    this.#parser = new ShellMarkParser(options.state?.offset);
    if (options.state !== undefined) this.#goOn(options.state);
  }

  /** What the shells are at, as far as events were taken. */
  get shells(): ShellFacts {
    const { phase, folder: cwd, allRunning: running, hasProof, prompts, depth } = this.#shells;
    return { phase, cwd, running, isMarked: this.#isMarked, hasProof, prompts, depth };
  }

  /** Variables of the outermost shell's environment, as it told and proved; null where one is not in it. */
  get environment(): Readonly<Record<string, string | null>> {
    return Object.fromEntries(this.#environment);
  }

  /** The last mark waits for the next event, which may prove it. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** No proof follows for the last mark: whoever follows a recording live knows so when nothing comes at once. */
  settle(): void {
    this.#settle();
  }

  /** Text is wanted of commands that begin to print from here on, of so many UTF-16 units; undefined: of none. */
  wantText(text: { readonly maxUnits: number } | undefined): void {
    this.#log.wantText(text);
  }

  /** For `CommandFinderOptions.state`; undefined in the middle of a mark, and while a line is being read from the screen. */
  saveState(): FinderState | undefined {
    if (this.#waiting !== undefined || this.#held.length > 0) return undefined;
    const [isMarked, isAlternate] = [this.#isMarked, this.#isAlternate];
    const at = { events: this.#event + 1, offset: this.#offset, time: this.#time };
    return { shells: this.#shells.state, isMarked, isAlternate, ...at, environment: this.environment };
  }

  /**
   * Takes a whole recording, which the caller closes. `signal` ends it early, with its reason. What was found before the
   * recording throws stays found.
   */
  async read(recording: Recording, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    let turn = performance.now();
    try {
      for await (const batch of recording.batches) {
        for (const event of batch) {
          signal?.throwIfAborted();
          this.#take(event);
          if (performance.now() - turn < TURN_MS) continue;
          await setImmediate();
          turn = performance.now();
        }
      }
    } finally {
      this.end();
    }
  }

  batch(batch: Batch): void {
    for (const event of batch) this.#take(event);
  }

  event(event: Event): void {
    this.#take(event);
  }

  /** The recording is over: what still runs has no end. */
  end(): void {
    this.#settle();
    this.#prompts.stop(this.#time);
    this.#log.close();
  }

  /** The commands so far, in the order in which they began. What still runs has no duration. */
  get commands(): readonly Command[] {
    return this.#log.commands;
  }

  /** There may be more than are kept. */
  get isFull(): boolean {
    return this.#log.isFull || this.#log.isFullOfTrusted;
  }

  /** Frees what it holds. The commands stay. */
  close(): void {
    this.#typed.dispose();
    this.#prompts.dispose();
  }

  #goOn({ shells, isMarked, isAlternate, events, offset, time, environment = {} }: FinderState): void {
    for (const [name, value] of Object.entries(environment)) this.#environment.set(name, value);
    this.#shells.goOn(shells);
    this.#isMarked = isMarked;
    this.#isAlternate = isAlternate;
    this.#event = events - 1;
    this.#offset = offset;
    this.#counted = offset;
    this.#time = time;
  }

  #take(event: Event): void {
    this.#settle(event.kind === "custom" && event.code === MARK_CODE ? counterOf(event.data) : undefined);
    this.#event++;
    this.#time = event.time;
    switch (event.kind) {
      case "output":
        this.#output(event.data);
        break;
      case "input":
        if (this.#isInferring) this.#prompts.input(event.data);
        break;
      case "resize":
        this.#typed.resize(event.cols);
        this.#prompts.resize(event.cols);
        this.#log.resize(event.cols, event.rows);
        break;
      case "exit":
        this.#exit(event);
    }
  }

  /** What follows, where recordings were joined or continued, is another session. */
  #exit({ status, time }: ExitEvent): void {
    this.#prompts.stop(time);
    this.#shells.exit(status, time);
    this.#isMarked = false;
    this.#prompts.depth = 0;
    this.#environment.clear();
    this.#setAlternate(false, time);
  }

  #setAlternate(on: boolean, time: number): void {
    if (on !== this.#isAlternate) this.#onAlternate?.(on, time);
    this.#isAlternate = on;
  }

  /** Nothing is marked, or not by the shell that a marked command started. */
  get #isInferring(): boolean {
    return !this.#isAlternate && (!this.#isMarked || this.#shells.startsShell);
  }

  #output(bytes: Uint8Array): void {
    const data = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#offset += bytes.length;
    const begin = this.#offset - data.length;
    this.#log.beginning = { event: this.#event, hasText: false };
    for (const mark of this.#parser.parse(bytes)) {
      this.#settle();
      // Modes are seen by screens, as all of a command's output is; other marks are not.
      const isMode = mark.kind === "alternate" || mark.kind === "bracketedPaste";
      this.#count(data.subarray(this.#counted - begin, (isMode ? mark.end : mark.start) - begin));
      this.#counted = mark.end;
      const beginning = {
        event: this.#event,
        hasText: mayBegin(mark) && hasText(data.subarray(0, mark.start - begin)),
      };
      this.#log.beginning = beginning;
      if (mark.end === this.#offset && !isMode) this.#waiting = { mark, time: this.#time, beginning };
      else this.#mark(mark, this.#time);
    }
    const end = this.#parser.openAt ?? this.#offset;
    this.#count(data.subarray(this.#counted - begin, end - begin));
    this.#held = end === this.#offset ? NOTHING : data.slice(end - begin);
    if (this.#isInferring) this.#prompts.eventEnd();
  }

  /** The next event says what the mark at the end of the last one is worth. */
  #settle(counter?: number): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#log.beginning = waiting.beginning;
    this.#mark(waiting.mark, waiting.time, counter);
  }

  /** The next output, in which there is no mark. */
  #count(data: Uint8Array): void {
    if (data.length === 0) return;
    const piece = { data, startByte: this.#counted, event: this.#event, time: this.#time };
    this.#counted += data.length;
    this.#typed.feed(data);
    const own = this.#isInferring ? this.#prompts.output(piece) : 0;
    if (own > 0) this.#log.output({ ...piece, data: data.subarray(0, own) }, undefined, this.#shells.allRunning);
    if (own === data.length) return;
    const shown = own === 0 ? piece : { ...piece, data: data.subarray(own), startByte: piece.startByte + own };
    const running = this.#prompts.running ?? this.#shells.running;
    this.#endOfLine.feed(shown.data, running);
    this.#log.output(shown, running);
  }

  /** `counter`: of a mark that is proven. */
  #mark(mark: PlacedShellMark, time: number, counter?: number): void {
    if (mark.kind === "alternate") this.#setAlternate(mark.on, time);
    else if (mark.kind === "bracketedPaste") {
      if (this.#isInferring) this.#prompts.bracketedPaste(mark.on, mark.on ? mark.start : mark.end, time);
    } else if (counter !== undefined || !this.#isAlternate) this.#shellMark(mark, counter, time);
    // What an editor or a terminal multiplexer shows is no prompt of this shell.
  }

  #shellMark(mark: PlacedShellMark, counter: number | undefined, time: number): void {
    // Shells are started with what is told here: nobody but the shell itself is believed.
    if (mark.kind === "variable" && counter === undefined) return;
    if (!this.#shells.admit(mark, counter, time)) return;
    switch (mark.kind) {
      case "promptStart":
        this.#stopInferring(time);
        this.#shells.promptStart(mark, time);
        this.#typed.begin();
        break;
      case "promptEnd":
        if (this.#shells.isRunning) return;
        this.#shells.promptEnd();
        this.#typed.mark();
        break;
      case "commandLine":
        this.#shells.commandLine(mark);
        break;
      case "outputStart":
        this.#outputStart(time);
        break;
      case "commandEnd":
        this.#takeBackMark();
        this.#stopInferring(time);
        this.#shells.commandEnd(mark, time);
        break;
      case "cwd":
        this.#shells.cwd(mark.path);
        if (mark.host !== undefined && mark.host !== this.#host && mark.host !== "localhost")
          this.#shells.remote(mark.host, undefined);
        break;
      case "variable":
        this.#variable(mark.name, mark.value);
        break;
      case "remoteHost":
        this.#shells.remote(mark.host, mark.user);
        break;
      case "contextStart":
        this.#contextStart(mark, time);
        break;
      case "contextEnd":
        this.#contextEnd(mark, time);
    }
  }

  #variable(name: string, value: string | null | undefined): void {
    if (value === undefined) this.#environment.delete(name);
    else if (this.#environment.has(name) || this.#environment.size < MAX_VARIABLES) this.#environment.set(name, value);
  }

  #stopInferring(time: number, isSame = false): void {
    this.#prompts.stop(time, { isSame });
    this.#isMarked = true;
  }

  #outputStart(time: number): void {
    if (this.#shells.isRunning) return;
    // A recording may begin behind the prompt.
    this.#stopInferring(time, !this.#isMarked);
    // Reading the screen is left out where the shell told its line.
    const typed = this.#shells.markedLine === undefined ? this.#typed.text() : undefined;
    this.#typed.end();
    this.#shells.outputStart(typed, this.#contexts, time);
    this.#prompts.depth = this.#shells.depth + 1;
  }

  #takeBackMark(): void {
    const inner = this.#prompts.running;
    const outer = this.#shells.running;
    if (outer === undefined) return;
    const { bytes, isBehindText } = this.#endOfLine.take(inner ?? outer);
    if (bytes === 0) return;
    for (const command of [inner, outer])
      if (command !== undefined) this.#log.takeBack(command, bytes, isBehindText ? /[%#]$/ : undefined);
  }

  #contextStart(mark: ContextMark, time: number): void {
    const cwd = mark.fields.get("cwd");
    if (cwd !== undefined) this.#shells.cwd(cwd);
    this.#contexts.start(mark);
    // Shells that mark their commands so, and in no other way.
    if (mark.fields.get("type") === COMMAND_CONTEXT && this.#shells.isUnknown) this.#outputStart(time);
  }

  #contextEnd({ id, fields }: ContextMark, time: number): void {
    const isCommand = this.#contexts.end(id) === COMMAND_CONTEXT;
    if (isCommand && this.#shells.isUnknown && this.#shells.isRunning)
      this.#shells.commandEnd({ kind: "commandEnd", protocol: "133", status: statusOf(fields) }, time);
  }
}

/** What a verdict counts; 0 where it does not tell. */
function counterOf(data: Uint8Array): number {
  if (data.length > MAX_VERDICT_BYTES) return 0;
  const [, digits = "0"] = /^\{\s*"n"\s*:\s*([0-9]{1,15})\s*\}$/.exec(Buffer.from(data).toString("latin1")) ?? [];
  return Number(digits);
}

/** A command may begin with it. */
function mayBegin(mark: PlacedShellMark): boolean {
  return mark.kind === "outputStart" || mark.kind === "contextStart" || (mark.kind === "bracketedPaste" && !mark.on);
}

/** So much before a command's output is looked at for its line. */
const MAX_HEAD_BYTES = 4096;
const SEQUENCES = /\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)?|\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])/g;

function hasText(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.subarray(-MAX_HEAD_BYTES)).toString("latin1");
  return /[^\x00-\x20\x7f]/.test(text.replace(SEQUENCES, ""));
}

const NOTHING = new Uint8Array(0);
