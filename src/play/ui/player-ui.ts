// The player on the user's terminal: the recording above, a status line below, keys and mouse. It draws from cells alone and has
// the terminal on loan: it is given back whatever happens.
import type { UserTty } from "../../pty/index.js";
import { type ColorDepth, printScreen, visibleText } from "../../terminal/index.js";
import { type Clock, SystemClock } from "../clock.js";
import type { CommandList } from "../command-list.js";
import { KeyReader } from "../key-reader.js";
import type { Player } from "../player.js";
import type { PlayerEvents } from "../player-events.js";
import type { Key, MouseInput, Paste, TerminalInput } from "../terminal-input.js";
import type { TextPattern, TextSearch } from "../text-search.js";
import { CommandBrowser } from "./command-browser.js";
import { Finder } from "./finder.js";
import { type Drawing, FrameLoop } from "./frame-loop.js";
import { playerActions } from "./player-actions.js";
import { findAction, type UiAction } from "./player-keys.js";
import { PlayerPicture } from "./player-picture.js";
import { Prompting } from "./prompting.js";
import { TerminalSession } from "./terminal-session.js";
import { TimelineMouse } from "./timeline-mouse.js";

/** What is shown, and where. */
export interface PlayerUiOptions {
  readonly player: Player;
  /** Taken over: closing the user interface closes it. */
  readonly tty: UserTty;
  readonly depth: ColorDepth;
  /** What is played. May hold anything. */
  readonly title: string;
  /** Without it nothing can be searched. */
  readonly search?: TextSearch | undefined;
  /** Without it commands cannot be listed. */
  readonly commands?: CommandList | undefined;
  /** Ask the terminal to take the recording's size; not all terminals do. */
  readonly followSize?: boolean | undefined;
  /** Take the mouse; true by default. The terminal's own way of marking text then needs shift. */
  readonly mouse?: boolean | undefined;
  readonly clock?: Clock | undefined;
  /** The user wants to end, or the terminal is gone. */
  onQuit(): void;
}

/** An escape is the escape key when nothing has followed for so long. */
const ESCAPE_NANOS = 30_000_000;

/** Other keys end a jump that waits for commands to be found. */
const COMMAND_JUMPS: ReadonlySet<UiAction> = new Set(["previousCommand", "nextCommand", "nextFailedCommand"]);

const NO_DRAWING: Drawing = { bytes: new Uint8Array(0), isFrame: false };

/** Shows a player on a terminal. */
export class PlayerUi {
  readonly #options: PlayerUiOptions;
  readonly #player: Player;
  readonly #tty: UserTty;
  readonly #clock: Clock;
  readonly #reader = new KeyReader();
  readonly #session = new TerminalSession();
  readonly #picture: PlayerPicture;
  readonly #prompting: Prompting;
  readonly #finder: Finder;
  readonly #commands: CommandBrowser;
  readonly #mouse: TimelineMouse;
  readonly #actions: ReturnType<typeof playerActions>;
  readonly #loop: FrameLoop;
  readonly #forget: (() => void)[] = [];
  #escape = new AbortController();
  #touched = false;
  #gone = false;
  #closed = false;
  /** The shell has the terminal, or is about to. */
  #isAway = false;
  /** The last screen, printed while there was one. */
  #last: Uint8Array = new Uint8Array(0);

  constructor(options: PlayerUiOptions) {
    const { player, tty, depth, search, clock = new SystemClock(), onQuit } = options;
    this.#options = options;
    this.#player = player;
    this.#tty = tty;
    this.#clock = clock;
    this.#finder = new Finder({ player, search, onNote: (note) => this.#showNote(note) });
    const finder = this.#finder;
    const prompting = new Prompting(player, finder);
    this.#prompting = prompting;
    const commands = new CommandBrowser({
      player,
      list: options.commands,
      prompting,
      onNote: (note) => this.#showNote(note),
      onChange: () => this.#loop.request(),
    });
    this.#commands = commands;
    const title = visibleText(options.title);
    const picture = new PlayerPicture({ player, depth, title, size: tty.size(), finder, commands });
    this.#picture = picture;
    this.#mouse = new TimelineMouse(player);
    this.#actions = playerActions({
      player,
      finder,
      picture,
      prompting,
      commands,
      onSuspend: () => void this.#suspend(),
      onQuit,
    });
    const draw = () => (this.#isAway ? NO_DRAWING : picture.draw(prompting.prompt));
    this.#loop = new FrameLoop({ clock, draw, write: (bytes) => tty.write(bytes) });
  }

  /** The terminal went away: its window was closed or its connection lost. */
  get gone(): boolean {
    return this.#gone;
  }

  /** The user has pressed a key or used the mouse. */
  get touched(): boolean {
    return this.#touched;
  }

  /** Takes the terminal: draws, and listens to keys. Before the player runs. */
  start(): void {
    this.#tty.onInput((bytes) => this.#read(bytes));
    this.#tty.onResize((size) => {
      this.#picture.resize(size);
      this.#loop.request();
    });
    this.#tty.onHangup(() => {
      this.#gone = true;
      this.#options.onQuit();
    });
    this.#listen();
    this.#tty.start();
    if (this.#options.followSize === true) this.#askForSize(this.#player.header);
    this.#enter();
  }

  /** Goes to the first hit of a pattern from where the player is, and pauses there. Without `search` nothing happens. */
  find(pattern: TextPattern): void {
    this.#touched = true;
    this.#finder.find(pattern);
  }

  /**
   * Gives the terminal back, leaves the recording's screen as it was last on it, and writes one more line where one is given.
   * Idempotent.
   */
  async close(lastLine = ""): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#player.state !== "idle") this.#keepLast();
    this.#stop();
    const line = Buffer.from(lastLine === "" ? "" : `${lastLine}\r\n`);
    void this.#tty.write(Buffer.concat([this.#session.leave(), this.#last, line])); // closing waits for it
    await this.#tty.close();
  }

  #enter(): void {
    void this.#tty.write(this.#session.enter({ mouse: this.#options.mouse ?? true }));
    this.#loop.request();
  }

  /** The shell gets the terminal until it continues this program; no time passes in the recording meanwhile. */
  async #suspend(): Promise<void> {
    if (this.#tty.suspend === undefined || this.#isAway) return;
    const wasPlaying = this.#player.state === "playing";
    this.#isAway = true;
    await this.#player.pause();
    if (this.#closed) return;
    void this.#tty.write(this.#session.leave());
    await this.#tty.suspend();
    this.#isAway = false;
    if (this.#closed) return;
    this.#picture.resize(this.#tty.size());
    this.#enter();
    if (wasPlaying) void this.#player.play();
  }

  #listen(): void {
    this.#on("frame", () => this.#picture.screenChanged());
    this.#on("damage", (error) =>
      this.#picture.say(visibleText(error instanceof Error ? error.message : String(error))),
    );
    this.#on("progress", (share) => this.#picture.progress(share));
    if (this.#options.followSize === true) this.#on("resize", (size) => this.#askForSize(size));
    for (const name of ["time", "speed", "idle", "loop", "outline"] as const) this.#on(name, () => {});
    const onState = (state: PlayerEvents["state"]) => {
      if (state === "idle") {
        // Stopped: the screen is about to be gone.
        this.#keepLast();
        this.#stop();
      } else if (state !== "seeking") this.#loop.request(); // most seeks arrive before that could be seen
    };
    this.#forget.push(this.#player.on("state", onState));
  }

  #askForSize({ cols, rows }: { readonly cols: number; readonly rows: number }): void {
    void this.#tty.write(Buffer.from(`\x1b[8;${rows + 1};${cols}t`));
  }

  #on<Name extends keyof PlayerEvents>(name: Name, note: (value: PlayerEvents[Name]) => void): void {
    const listener = (value: PlayerEvents[Name]) => {
      note(value);
      this.#loop.request();
    };
    this.#forget.push(this.#player.on(name, listener));
  }

  #stop(): void {
    this.#loop.close();
    this.#escape.abort();
    this.#commands.close();
    for (const forget of this.#forget) forget();
  }

  #keepLast(): void {
    const { depth } = this.#options;
    this.#last = printScreen(this.#player.screen, { depth, cols: this.#tty.size().cols });
  }

  #read(bytes: Uint8Array): void {
    this.#escape.abort();
    this.#escape = new AbortController();
    this.#takeAll(this.#reader.read(bytes));
    if (this.#reader.waits) void this.#waitForRest(this.#escape.signal);
  }

  async #waitForRest(signal: AbortSignal): Promise<void> {
    await this.#clock.waitUntil(this.#clock.now() + ESCAPE_NANOS, signal);
    if (!signal.aborted) this.#takeAll(this.#reader.flush());
  }

  #takeAll(inputs: readonly TerminalInput[]): void {
    for (const input of inputs) {
      this.#touched = true;
      if (input.kind === "mouse") this.#takeMouse(input);
      else this.#takeTyped(input);
    }
    if (inputs.length > 0) this.#loop.request();
  }

  #takeMouse(input: MouseInput): void {
    if (input.action === "press" && this.#picture.turnHelp()) return;
    if (!this.#commands.take(input)) this.#mouse.take(input, this.#picture.timeline);
  }

  #takeTyped(input: Key | Paste): void {
    const action = input.kind === "key" ? findAction(input) : undefined;
    const isInterrupt = input.kind === "key" && input.ctrl && input.name === "c";
    if (this.#prompting.prompt !== undefined && !isInterrupt) {
      this.#prompting.take(input);
      return;
    }
    this.#picture.say("");
    const leavesHelp = action === "quit" || action === "forgetSearch";
    if ((leavesHelp ? this.#picture.closeHelp() : this.#picture.turnHelp()) && !isInterrupt) return;
    if (action !== "pan") this.#picture.viewport.follow();
    if (input.kind !== "key" || (!isInterrupt && this.#commands.take(input))) return;
    if (action === undefined || !COMMAND_JUMPS.has(action)) this.#commands.cancel();
    if (action !== undefined) this.#actions[action](input.name);
    else if (input.name !== "") this.#picture.say("h shows the keys");
  }

  /** Said in the prompt while there is one. */
  #showNote(note: string): void {
    const { prompt } = this.#prompting;
    if (prompt !== undefined) prompt.note = note;
    else this.#picture.say(note);
    this.#loop.request();
  }
}
