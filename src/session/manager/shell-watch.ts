// What the shell of a live session is at: whether it waits at its prompt, where it is, what it runs.
import { type Command, CommandFinder, type CommandText, type FinderState } from "../../analyze/index.js";
import type { Event } from "../../core/index.js";
import type { Screen } from "../../terminal/index.js";

/** A prompt that has printed nothing is one after this, milliseconds. */
const BLANK_PROMPT_MS = 50;
/** A mark at the end of what is there is not proven when nothing has followed for so long, milliseconds: of shells that prove none, and
 * of shells within one that does. */
const SETTLE_MS = 20;
const SETTLE_WITHIN_MS = 500;
/** Commands that are remembered. */
const MAX_COMMANDS = 200;

/** Who is told. */
export interface ShellListener {
  onCommandStart(line: string | undefined): void;
  onCommand(command: Command, text: CommandText | undefined): void;
  onCwd(cwd: string): void;
  /** It may be at its prompt, or not any more. */
  onChange(): void;
}

/** How to watch. */
export interface ShellWatchOptions {
  readonly screen: Screen;
  readonly host: string | undefined;
  readonly state?: FinderState | undefined;
  readonly listener: ShellListener;
}

/** Follows the marks of a session's shells. */
export class ShellWatch {
  readonly #finder: CommandFinder;
  readonly #screen: Screen;
  readonly #listener: ShellListener;
  /** Commands that ended, oldest first. */
  readonly commands: Command[] = [];
  #cwd: string | undefined;
  #started: Command | undefined;
  #isPromptShown = false;
  #outputBytes = 0;
  /** Bytes of output when the prompt's mark was seen. */
  #promptAt: number | undefined;
  #promptTimer: NodeJS.Timeout | undefined;
  #settleTimer: NodeJS.Timeout | undefined;
  #textWanted = 0;
  /** Nobody is told: what is read happened before. */
  isSilent = false;

  constructor({ screen, host, state, listener }: ShellWatchOptions) {
    this.#screen = screen;
    this.#listener = listener;
    const { cols, rows } = screen;
    this.#finder = new CommandFinder(
      { cols, rows, ...(host === undefined ? {} : { host }) },
      { isForgetful: true, state, onCommand: (command, text) => this.#ended(command, text) },
    );
    if (state === undefined) return;
    this.#cwd = this.#finder.shells.cwd;
    this.#started = this.#finder.shells.running.at(-1);
  }

  /** Where the outermost shell is. */
  get cwd(): string | undefined {
    return this.#cwd;
  }

  /** Variables that the outermost shell told of. */
  get environment(): Readonly<Record<string, string | null>> {
    return this.#finder.environment;
  }

  /** What runs: in the innermost shell, or, where that waits at its prompt, in the one around it. */
  get commandLine(): string | undefined {
    return this.#finder.shells.running.at(-1)?.line;
  }

  /** Undefined where nothing tells. */
  get isAtPrompt(): boolean | undefined {
    const { phase, isMarked } = this.#finder.shells;
    // Shells ask for pasted text in brackets while they read a line; full-screen programs do too.
    if (!isMarked) return this.#screen.modes.bracketedPaste && !this.#screen.alternate ? true : undefined;
    return (phase === "prompt" || phase === "input") && this.#isPromptShown;
  }

  /** The shell marks its commands. */
  get isMarked(): boolean {
    return this.#finder.shells.isMarked;
  }

  /** Prompts that were begun. */
  get prompts(): number {
    return this.#finder.shells.prompts;
  }

  /** Of the innermost shell. */
  get depth(): number {
    return this.#finder.shells.depth;
  }

  take(event: Event): void {
    if (event.kind === "output") this.#outputBytes += event.data.length;
    this.#finder.event(event);
  }

  /** What was there is taken: looks at what has changed. */
  look(): void {
    const { running, cwd, phase } = this.#finder.shells;
    const command = running.at(-1);
    if (command !== this.#started) {
      this.#started = command;
      if (command !== undefined && !this.isSilent) this.#listener.onCommandStart(command.line);
    }
    this.#tellCwd(cwd);
    if (phase === "prompt" || phase === "input") this.#lookAtPrompt();
    else this.#leavePrompt();
    clearTimeout(this.#settleTimer);
    if (this.#finder.isWaiting) this.#settleLater();
    this.#listener.onChange();
  }

  /** The text of commands that begin from here on is given; ends with `release`. */
  wantText(maxUnits: number): { release(): void } {
    this.#textWanted++;
    this.#finder.wantText({ maxUnits });
    let isReleased = false;
    const release = (): void => {
      if (!isReleased && --this.#textWanted === 0) this.#finder.wantText(undefined);
      isReleased = true;
    };
    return { release };
  }

  saveState(): FinderState | undefined {
    return this.#finder.saveState();
  }

  close(): void {
    clearTimeout(this.#promptTimer);
    clearTimeout(this.#settleTimer);
    this.#finder.close();
  }

  /** What a shell that proves its marks does not prove is not believed anyway. */
  #settleLater(): void {
    const { hasProof, depth } = this.#finder.shells;
    if (hasProof && depth === 0) return;
    this.#settleTimer = setTimeout(() => this.#settle(), hasProof ? SETTLE_WITHIN_MS : SETTLE_MS);
  }

  #settle(): void {
    this.#finder.settle();
    this.look();
  }

  #ended(command: Command, text: CommandText | undefined): void {
    this.commands.push(command);
    if (this.commands.length > MAX_COMMANDS) this.commands.shift();
    this.#leavePrompt();
    if (this.isSilent) return;
    // One that began and ended between two looks.
    if (command !== this.#started) this.#listener.onCommandStart(command.line);
    this.#started = undefined;
    this.#listener.onCommand(command, text);
  }

  #tellCwd(cwd: string | undefined): void {
    if (cwd === undefined || cwd === this.#cwd) return;
    this.#cwd = cwd;
    if (!this.isSilent) this.#listener.onCwd(cwd);
  }

  #lookAtPrompt(): void {
    if (this.#isPromptShown) return;
    this.#promptAt ??= this.#outputBytes;
    this.#isPromptShown = this.#outputBytes > this.#promptAt || this.#screen.cursor.x > 0;
    this.#promptTimer ??= setTimeout(() => {
      this.#isPromptShown = this.#promptAt !== undefined;
      this.#listener.onChange();
    }, BLANK_PROMPT_MS);
  }

  #leavePrompt(): void {
    clearTimeout(this.#promptTimer);
    this.#promptTimer = undefined;
    this.#promptAt = undefined;
    this.#isPromptShown = false;
  }
}
