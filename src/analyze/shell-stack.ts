// The shells that run within each other, moved by their marks. Marks say little of which shell wrote them: where there is no
// `aid`, what a shell did so far and the line that runs tell whether a prompt is its own or that of a shell within.
import type { ShellCycle, ShellMark } from "../terminal/index.js";
import {
  isNothing,
  leavesShell,
  newCommand,
  newLevel,
  type OpenCommand,
  replacesShell,
  type ShellLevel,
  signalOf,
  startsShell,
} from "./shell-level.js";

/** Shells within each other at most: beyond that a prompt is believed to be of the shell that runs. */
const MAX_DEPTH = 32;
/** Commands that are kept of one recording; what comes then is left out. */
export const MAX_COMMANDS = 1_000_000;

type MarkOf<Kind extends ShellMark["kind"]> = ShellMark & { readonly kind: Kind };

/** A piece of output without marks: where it is in all the output, bytes, and the line feeds in it. */
export interface OutputPiece {
  readonly startByte: number;
  readonly endByte: number;
  readonly lines: number;
}

/** Follows the shells of one recording. */
export class ShellStack {
  /** Commands in the order in which they began. */
  readonly #commands: OpenCommand[] = [];
  #levels: ShellLevel[] = [newLevel()];
  /** Some shell tells an end with a status at every prompt, also where nothing was run. */
  #tellsIdleEnds = false;

  get commands(): readonly OpenCommand[] {
    return this.#commands;
  }

  /** A command runs in the innermost shell. */
  get isRunning(): boolean {
    return this.#top.phase === "running";
  }

  /** The line that a mark told of, at the prompt. */
  get markedLine(): string | undefined {
    return this.#top.line;
  }

  promptStart({ aid, protocol }: ShellCycle, time: number): void {
    this.#returnTo(aid, undefined, time);
    if (this.#top.command !== undefined) {
      if (this.#isOfShellWithin(this.#top, aid)) this.#enter();
      else {
        this.#top.tellsEnds ??= false;
        this.#close(this.#top, undefined, time);
      }
    }
    const top = this.#top;
    top.aid ??= aid;
    top.protocol ??= protocol;
    top.phase = "prompt";
    top.line = undefined;
  }

  promptEnd(): void {
    this.#top.phase = "input";
  }

  commandLine({ line }: MarkOf<"commandLine">): void {
    const { command } = this.#top;
    if (command === undefined) this.#top.line = line;
    // Two integrations side by side: the other one knows better than the screen.
    else if (command.outputBytes === 0 && this.#top.line === undefined) command.line = line;
  }

  /** `typed`: the line as the screen showed it, for a shell that does not tell. */
  outputStart(typed: string | undefined, time: number): void {
    const top = this.#top;
    // Between a command's end and the prompt a shell runs what draws the prompt; some mark that too.
    if ((top.phase === "ended" && top.line === undefined) || this.#commands.length >= MAX_COMMANDS) return;
    top.command = newCommand(top, top.line ?? typed, time, this.#levels.length - 1);
    top.phase = "running";
    this.#commands.push(top.command);
  }

  commandEnd({ aid, protocol, status }: MarkOf<"commandEnd">, time: number): void {
    const isKnown = this.#returnTo(aid, status, time);
    const top = this.#top;
    if (!isKnown && aid !== undefined && top.aid !== undefined) return; // a shell within that has shown no prompt yet
    if (top.command !== undefined) this.#end(top, status, time);
    else if ((top.phase === "input" || top.phase === "fresh") && status !== undefined) {
      if (top.protocol === undefined || top.protocol === protocol) this.#endIdle(status, aid !== undefined, time);
    }
  }

  cwd(path: string): void {
    if (this.#top.command === undefined) this.#top.cwd = path;
    else this.#top.nextCwd = path;
  }

  /** Bytes reached the terminal, in the event of that number. */
  output({ startByte, endByte, lines }: OutputPiece, event: number, time: number): void {
    for (const { command } of this.#levels) {
      if (command === undefined) continue;
      command.outputBytes += endByte - startByte;
      command.outputLines += lines;
      const { firstEvent = event, startByte: first = startByte } = command.output ?? {};
      command.output = { firstEvent, lastEvent: event, startByte: first, endByte };
      command.timeToFirstOutput ??= time - command.start;
    }
  }

  /** What was recorded ended: so did everything in it. */
  exit(status: number, time: number): void {
    this.#levels.forEach((level, depth) => {
      const line = level.command?.line;
      const isCause = depth === 0 && (leavesShell(line) || replacesShell(line));
      this.#close(level, isCause ? status : undefined, time);
    });
    this.#levels = [newLevel()];
  }

  get #top(): ShellLevel {
    const top = this.#levels.at(-1);
    if (top === undefined) throw new Error("there is always a shell");
    return top;
  }

  /** The shells within the one of that name are over; false where there is none of that name. */
  #returnTo(aid: string | undefined, status: number | undefined, time: number): boolean {
    const depth = aid === undefined ? -1 : this.#levels.findLastIndex((level) => level.aid === aid);
    if (depth < 0) return false;
    for (const level of this.#levels.splice(depth + 1))
      this.#close(level, leavesShell(level.command?.line) ? status : undefined, time);
    return true;
  }

  #isOfShellWithin(top: ShellLevel, aid: string | undefined): boolean {
    if (this.#levels.length > MAX_DEPTH) return false;
    if (aid !== undefined && top.aid !== undefined) return aid !== top.aid;
    const line = top.command?.line;
    if (replacesShell(line)) return false;
    return top.tellsEnds ?? startsShell(line);
  }

  #enter(): void {
    const { nextCwd, cwd } = this.#top;
    this.#top.nextCwd = undefined;
    this.#levels.push(newLevel(nextCwd ?? cwd));
  }

  #end(top: ShellLevel, status: number | undefined, time: number): void {
    const { line } = top.command ?? {};
    top.tellsEnds = true;
    this.#close(top, status, time);
    // The end of the shell within is told by the one around it, and only once.
    if (this.#levels.length > 1 && top.aid === undefined && leavesShell(line)) this.#leave(status, time);
  }

  /** An end where nothing runs: the shell within was left with ctrl-D, or the shell tells more than there is. */
  #endIdle(status: number, isOwn: boolean, time: number): void {
    const isWithin = this.#levels.length > 1;
    if (isWithin && !isOwn && !this.#tellsIdleEnds) this.#leave(status, time);
    else if (!isWithin) this.#tellsIdleEnds = true;
  }

  #leave(status: number | undefined, time: number): void {
    this.#levels.pop();
    this.#close(this.#top, status, time);
  }

  #close(level: ShellLevel, status: number | undefined, time: number): void {
    const { command } = level;
    level.phase = "ended";
    level.line = undefined;
    level.cwd = level.nextCwd ?? level.cwd;
    level.nextCwd = undefined;
    level.command = undefined;
    if (command === undefined) return;
    command.duration = time - command.start;
    command.exitStatus = status;
    command.signal = signalOf(status);
    if (isNothing(command) && this.#commands.at(-1) === command) this.#commands.pop();
  }
}
