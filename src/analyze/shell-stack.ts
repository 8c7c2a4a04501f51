// The shells that run within each other, moved by their marks. Marks say little of which shell wrote them: where there is no
// `aid`, what a shell did so far and the line that runs tell whether a prompt is its own or that of a shell within.
// Once a mark is proven, the outermost shell is the one that has the proof: all other marks are of shells within, or forged.
import type { ShellCycle, ShellMark } from "../terminal/index.js";
import type { CommandLog } from "./command-log.js";
import {
  leavesShell,
  newCommand,
  newLevel,
  type OpenCommand,
  replacesShell,
  type ShellLevel,
  startsShell,
} from "./shell-level.js";

/** Shells within each other at most: beyond that a prompt is believed to be of the shell that runs. */
const MAX_DEPTH = 32;

type MarkOf<Kind extends ShellMark["kind"]> = ShellMark & { readonly kind: Kind };

/** All that is known of the shells. JSON, but for members that are undefined. */
export interface ShellsState {
  readonly levels: readonly ShellLevel[];
  readonly hasProof: boolean;
  readonly counter: number;
  readonly tellsIdleEnds: boolean;
}

/** Follows the shells of one recording. */
export class ShellStack {
  readonly #log: CommandLog;
  #levels: ShellLevel[] = [newLevel()];
  /** The outermost shell's marks are proven. */
  #hasProof = false;
  /** That of the last proven mark. */
  #counter = 0;
  /** Some shell tells an end with a status at every prompt, also where nothing was run. */
  #tellsIdleEnds = false;
  /** Prompts that were begun, those drawn again among them. */
  prompts = 0;

  constructor(log: CommandLog) {
    this.#log = log;
  }

  /** The outermost shell proves its marks. */
  get hasProof(): boolean {
    return this.#hasProof;
  }

  get state(): ShellsState {
    return structuredClone({
      levels: this.#levels,
      hasProof: this.#hasProof,
      counter: this.#counter,
      tellsIdleEnds: this.#tellsIdleEnds,
    });
  }

  /** Goes on where another one was. */
  goOn({ levels, hasProof, counter, tellsIdleEnds }: ShellsState): void {
    this.#levels = levels.map((level) => structuredClone(level));
    this.#hasProof = hasProof;
    this.#counter = counter;
    this.#tellsIdleEnds = tellsIdleEnds;
    this.#log.goOn(this.#levels.flatMap(({ command }) => command ?? []));
  }

  /** What the innermost shell is at. */
  get phase(): ShellLevel["phase"] {
    return this.#top.phase;
  }

  /** Where the outermost shell is, as it told last. */
  get folder(): string | undefined {
    return this.#levels[0]?.cwd;
  }

  /** A command runs in the innermost shell. */
  get isRunning(): boolean {
    return this.#top.phase === "running";
  }

  /** The command that runs in the innermost shell. */
  get running(): OpenCommand | undefined {
    return this.#top.command;
  }

  /** The commands that run, each in a shell that another one started. */
  get allRunning(): readonly OpenCommand[] {
    return this.#levels.flatMap(({ command }) => command ?? []);
  }

  /** The command that runs in it seems to start a shell within. */
  get startsShell(): boolean {
    return this.#top.phase === "running" && startsShell(this.#top.command?.line);
  }

  /** Shells around the innermost one. */
  get depth(): number {
    return this.#levels.length - 1;
  }

  /** The line that a mark told of, at the prompt. */
  get markedLine(): string | undefined {
    return this.#top.line;
  }

  /** The innermost shell has marked nothing so far. */
  get isUnknown(): boolean {
    return this.#top.protocol === undefined;
  }

  /**
   * Finds the shell that a mark is of, and makes it the innermost one; false where the mark is to be passed over. `counter`: of a
   * mark that is proven, 0 where it is not known.
   */
  admit(mark: ShellMark, counter: number | undefined, time: number): boolean {
    if (counter !== undefined) {
      this.#closeWithin(0, undefined, time);
      if (!this.#hasProof) this.#takeOver(time);
      else if (this.#isOfAnother(mark)) this.#loseTrack(newLevel());
      else if (this.#isBehindOthers(mark, counter))
        this.#loseTrack({ ...newLevel(), aid: this.#top.aid, phase: "ended" });
      this.#counter = counter;
      return true;
    }
    if (!this.#hasProof || this.#levels.length > 1) return true;
    const { command } = this.#top;
    // Another integration in the same shell.
    if (command === undefined) return false;
    switch (mark.kind) {
      case "promptStart":
        this.#enter();
        return true;
      case "commandLine":
        if (command.outputBytes === 0 && isSameLine(command.line, mark.line)) return false;
        this.#enter();
        return true;
      case "cwd":
      case "remoteHost":
        return true;
      default:
        return false;
    }
  }

  promptStart({ aid, protocol }: ShellCycle, time: number): void {
    this.prompts++;
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
  outputStart(typed: string | undefined, who: Pick<OpenCommand, "user" | "host">, time: number): void {
    const top = this.#top;
    // Between a command's end and the prompt a shell runs what draws the prompt; some mark that too.
    if (top.phase === "ended" && top.line === undefined) return;
    const trusted = this.#isProvenOnly;
    if (trusted ? this.#log.isFullOfTrusted : this.#log.isFull) return;
    const context = trusted ? undefined : { user: top.user ?? who.user, host: top.host ?? who.host };
    const line = top.line ?? typed;
    top.command = newCommand({ line, cwd: top.cwd, start: time, depth: this.#levels.length - 1, trusted, ...context });
    top.phase = "running";
    this.#log.begin(top.command);
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

  /** Where the innermost shell is, or the one that it starts. */
  cwd(path: string): void {
    if (this.#top.command === undefined) this.#top.cwd = path;
    else this.#top.nextCwd = path;
  }

  /** On which machine the innermost shell is, and as whom. */
  remote(host: string, user: string | undefined): void {
    if (this.#top.command !== undefined) return;
    this.#top.host = host;
    this.#top.user = user ?? this.#top.user;
  }

  /** What was recorded ended: so did everything in it. What follows, if anything, is another session. */
  exit(status: number, time: number): void {
    this.#closeWithin(0, undefined, time);
    const line = this.#top.command?.line;
    // A shell that tells ends, and did not tell this one, ended with its command: `exit`, `set -e`, a closed terminal.
    const isCause = this.#hasProof || leavesShell(line) || replacesShell(line);
    this.#close(this.#top, isCause ? status : undefined, time);
    this.#levels = [newLevel()];
    this.#hasProof = false;
    this.#tellsIdleEnds = false;
  }

  get #top(): ShellLevel {
    const top = this.#levels.at(-1);
    if (top === undefined) throw new Error("there is always a shell");
    return top;
  }

  /** The innermost shell is the outermost one, and moves by proven marks alone. */
  get #isProvenOnly(): boolean {
    return this.#hasProof && this.#levels.length === 1;
  }

  /** What was known so far came from elsewhere. */
  #takeOver(time: number): void {
    this.#close(this.#top, undefined, time);
    this.#levels = [newLevel()];
    this.#hasProof = true;
  }

  /** Recordings may be continued, and joined. */
  #isOfAnother(mark: ShellMark): boolean {
    const { aid } = this.#top;
    return "aid" in mark && mark.aid !== undefined && aid !== undefined && mark.aid !== aid;
  }

  /** Marks are missing in front of it: recording was paused, or something was cut out. bash counts lines that it cannot tell. */
  #isBehindOthers({ kind }: ShellMark, counter: number): boolean {
    return this.#counter > 0 && counter > this.#counter + (kind === "outputStart" ? 2 : 1);
  }

  /** What the shell did meanwhile nobody knows: how what ran ended, where the shell is. */
  #loseTrack(shell: ShellLevel): void {
    if (this.#top.command !== undefined) this.#log.lose(this.#top.command);
    this.#levels = [shell];
  }

  /** The shells within that one are over, the innermost first. */
  #closeWithin(depth: number, status: number | undefined, time: number): void {
    for (const level of this.#levels.splice(depth + 1).reverse())
      this.#close(level, leavesShell(level.command?.line) ? status : undefined, time);
  }

  /** The shells within the one of that name are over; false where there is none of that name. */
  #returnTo(aid: string | undefined, status: number | undefined, time: number): boolean {
    const depth = aid === undefined ? -1 : this.#levels.findLastIndex((level) => level.aid === aid);
    // Only a proven mark is of the shell that has the proof, and then that shell is the innermost one.
    if (depth < 0 || (depth === 0 && this.#hasProof && this.#levels.length > 1)) return false;
    this.#closeWithin(depth, status, time);
    return true;
  }

  #isOfShellWithin(top: ShellLevel, aid: string | undefined): boolean {
    if (this.#isProvenOnly || this.#levels.length > MAX_DEPTH) return false;
    if (aid !== undefined && top.aid !== undefined) return aid !== top.aid;
    const line = top.command?.line;
    if (replacesShell(line)) return false;
    return top.tellsEnds ?? startsShell(line);
  }

  #enter(): void {
    const { nextCwd, cwd, user, host } = this.#top;
    this.#top.nextCwd = undefined;
    this.#levels.push({ ...newLevel(nextCwd ?? cwd), user, host });
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
    if (!this.#isProvenOnly) this.#close(this.#top, status, time);
  }

  #close(level: ShellLevel, status: number | undefined, time: number): void {
    const { command } = level;
    level.phase = "ended";
    level.line = undefined;
    // Which of those that told of a folder meanwhile was this shell nobody knows, where it tells itself.
    if (!this.#hasProof || level !== this.#levels[0]) level.cwd = level.nextCwd ?? level.cwd;
    level.nextCwd = undefined;
    level.command = undefined;
    if (command !== undefined) this.#log.end(command, status, time);
  }
}

/** Two integrations tell of the same line, each in its own way: some know the first of its commands only. */
function isSameLine(one: string | undefined, other: string): boolean {
  const [first = "", second = ""] = [one ?? "", other].map((line) => line.replace(/[\s\\]+/g, ""));
  return first.includes(second) || second.includes(first);
}
