// The commands of a recording while they are found: what is known of each, and what it printed.
import { KeptLines, OutputText } from "../terminal/index.js";
import type { CommandText } from "./analyzer.js";
import { isNothing, type OpenCommand, signalOf } from "./shell-level.js";

/** Commands that are kept of one recording; what comes then is left out. As many again may be trusted: nothing crowds those out. */
export const MAX_COMMANDS = 1_000_000;
/** The same of their lines, folders and the like, UTF-16 units. */
export const MAX_COMMAND_UNITS = 128 * 1024 * 1024;

/** What is wanted beside the commands. */
export interface CommandLogOptions {
  /** Give the text that commands printed, of each so many UTF-16 units at most: its first and its last lines. */
  readonly text?: { readonly maxUnits: number } | undefined;
  /** Commands that ended are given to `onCommand` alone. */
  readonly isForgetful?: boolean | undefined;
  /** Called with each command that ended, inner ones before the one around them. */
  readonly onCommand?: ((command: OpenCommand, text: CommandText | undefined) => void) | undefined;
}

/** A piece of output without marks in it. */
export interface OutputPiece {
  readonly data: Uint8Array;
  /** Where it begins in all the output, bytes. */
  readonly startByte: number;
  /** Number and time of its event. */
  readonly event: number;
  readonly time: number;
}

/** What a command printed, while it runs. */
interface TextOfCommand {
  readonly reader: OutputText;
  readonly lines: KeptLines;
  /** What its shell printed behind it. */
  surplus: RegExp;
}

/** Where the recording is when a command begins. */
export interface Beginning {
  /** Number of the event. */
  readonly event: number;
  /** The event showed some text before, the command's line most likely. */
  readonly hasText: boolean;
}

/** How much is kept. */
interface Kept {
  count: number;
  units: number;
}

function isFull({ count, units }: Kept): boolean {
  return count >= MAX_COMMANDS || units >= MAX_COMMAND_UNITS;
}

const LINE_FEED = 0x0a;

/** Keeps the commands of one recording. */
export class CommandLog {
  #options: CommandLogOptions;
  readonly #size: { cols: number; rows: number };
  /** In the order in which they began. */
  readonly #commands: OpenCommand[] = [];
  readonly #running = new Set<OpenCommand>();
  readonly #kept = { trusted: { count: 0, units: 0 }, others: { count: 0, units: 0 } };
  /** The last command that began, in an event that had shown nothing before. */
  #early: { readonly command: OpenCommand; readonly event: number } | undefined;
  /** To be set before anything may begin. */
  beginning: Beginning = { event: 0, hasText: false };
  readonly #texts = new Map<OpenCommand, TextOfCommand>();

  constructor(size: { readonly cols: number; readonly rows: number }, options: CommandLogOptions) {
    this.#size = { cols: size.cols, rows: size.rows };
    this.#options = options;
  }

  get commands(): readonly OpenCommand[] {
    return this.#commands;
  }

  /** Text is wanted of commands that begin to print from here on; undefined: of none. */
  wantText(text: { readonly maxUnits: number } | undefined): void {
    this.#options = { ...this.#options, text };
  }

  /** Commands that run, of a log that was before this one. */
  goOn(commands: readonly OpenCommand[]): void {
    for (const command of commands) {
      this.#commands.push(command);
      this.#running.add(command);
      this.#keptWith(command).count++;
    }
  }

  /** No more commands are kept, but trusted ones perhaps. */
  get isFull(): boolean {
    return isFull(this.#kept.others);
  }

  /** No more trusted commands are kept. */
  get isFullOfTrusted(): boolean {
    return isFull(this.#kept.trusted);
  }

  begin(command: OpenCommand): void {
    const { event, hasText } = this.beginning;
    command.startEvents = event + 1;
    this.#early = hasText ? undefined : { command, event };
    this.#commands.push(command);
    this.#running.add(command);
    this.#keptWith(command).count++;
  }

  /** Output of the given commands, by default of all that run; of which one its text is, if of any. */
  output(piece: OutputPiece, textOf: OpenCommand | undefined, commands: Iterable<OpenCommand> = this.#running): void {
    if (this.#running.size === 0) return;
    const { data, startByte, event, time } = piece;
    const endByte = startByte + data.length;
    const lines = countLines(data);
    for (const command of commands) {
      command.outputBytes += data.length;
      command.outputLines += lines;
      const { firstEvent = event, startByte: first = startByte } = command.output ?? {};
      command.output = { firstEvent, lastEvent: event, startByte: first, endByte };
      command.timeToFirstOutput ??= time - command.start;
      // With its event the screen would show what it printed.
      if (this.#early?.command === command && this.#early.event === event) command.startEvents = event;
    }
    if (textOf !== undefined && this.#options.text !== undefined) this.#textOf(textOf).reader.feed(data);
  }

  /** The last so many bytes of a command's output, without line feeds, were its shell's own; `text`: what they show. */
  takeBack(command: OpenCommand, bytes: number, text = /^$/): void {
    command.outputBytes -= bytes;
    const kept = this.#texts.get(command);
    if (kept !== undefined) kept.surplus = text;
    if (command.outputBytes > 0 && command.output !== undefined) {
      command.output = { ...command.output, endByte: command.output.endByte - bytes };
      return;
    }
    command.output = undefined;
    command.timeToFirstOutput = undefined;
    this.#texts.delete(command);
  }

  resize(cols: number, rows: number): void {
    this.#size.cols = cols;
    this.#size.rows = rows;
    for (const { reader } of this.#texts.values()) reader.resize(cols, rows);
  }

  /** It ended. What was no command at all is forgotten. */
  end(command: OpenCommand, status: number | undefined, time: number): void {
    command.duration = time - command.start;
    command.exitStatus = status;
    command.signal = signalOf(status);
    this.#finish(command);
  }

  /** It ended, and nobody knows when and how. */
  lose(command: OpenCommand): void {
    this.#finish(command);
  }

  /** The last command that began is none. */
  forget(command: OpenCommand): void {
    this.#running.delete(command);
    this.#texts.delete(command);
    this.#dropLast(command);
  }

  /** The recording is over: what still runs has no end. */
  close(): void {
    for (const command of [...this.#running].reverse()) this.#finish(command);
  }

  #finish(command: OpenCommand): void {
    this.#running.delete(command);
    const kept = this.#texts.get(command);
    kept?.reader.end();
    this.#texts.delete(command);
    if (command.duration !== undefined && isNothing(command) && this.#dropLast(command)) return;
    const { line, cwd, user, host } = command;
    if (this.#options.isForgetful === true) this.#drop(command);
    else for (const text of [line, cwd, user, host]) this.#keptWith(command).units += text?.length ?? 0;
    const text = kept && { text: kept.lines.all().join("\n").replace(kept.surplus, ""), isCut: kept.lines.leftOut > 0 };
    this.#options.onCommand?.(command, text);
  }

  /** False where it is not the last one that began. */
  #dropLast(command: OpenCommand): boolean {
    if (this.#commands.at(-1) !== command) return false;
    this.#commands.pop();
    this.#keptWith(command).count--;
    return true;
  }

  #drop(command: OpenCommand): void {
    const at = this.#commands.lastIndexOf(command);
    if (at < 0) return;
    this.#commands.splice(at, 1);
    this.#keptWith(command).count--;
  }

  #keptWith({ trusted }: OpenCommand): Kept {
    return trusted ? this.#kept.trusted : this.#kept.others;
  }

  #textOf(command: OpenCommand): TextOfCommand {
    const known = this.#texts.get(command);
    if (known !== undefined) return known;
    const lines = new KeptLines(this.#options.text?.maxUnits ?? 0);
    const reader = new OutputText({ ...this.#size, onLine: (line) => lines.push(line) });
    const made = { lines, reader, surplus: /^$/ };
    this.#texts.set(command, made);
    return made;
  }
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}
