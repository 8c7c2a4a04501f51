// What the player's terminal shows: the recording or the help above, the status line or a prompt below; as bytes that change
// what it showed before.
import type { TtySize } from "../../pty/index.js";
import {
  type ColorDepth,
  findOnScreen,
  type Highlight,
  type PaintArea,
  Screen,
  ScreenPainter,
} from "../../terminal/index.js";
import type { Player } from "../player.js";
import type { CommandBrowser } from "./command-browser.js";
import { CommandPage } from "./command-page.js";
import type { Finder } from "./finder.js";
import type { Drawing } from "./frame-loop.js";
import { type HelpPage, helpPage } from "./help.js";
import type { Prompt } from "./prompt.js";
import { type Status, type StatusLine, statusLine } from "./status-line.js";
import type { TimelinePlace } from "./timeline-bar.js";
import { formatClock, formatWallClock } from "./times.js";
import { Viewport } from "./viewport.js";

/** What a picture is made of. */
export interface PlayerPictureOptions {
  readonly player: Player;
  readonly depth: ColorDepth;
  /** Safe to print. */
  readonly title: string;
  readonly size: TtySize;
  readonly finder: Pick<Finder, "pattern">;
  readonly commands: CommandBrowser;
}

/** Narrower, a time of day is told without its date. */
const MIN_DATE_COLS = 40;
/** A terminal that shows all of a frame or none of it; others pass over it. */
const BEGIN_FRAME = Buffer.from("\x1b[?2026h\x1b[?25l");
const END_FRAME = Buffer.from("\x1b[?2026l");
const CLEAR = Buffer.from("\x1b[0m\x1b[H\x1b[2J");
const NOTHING = new Uint8Array(0);

/** Draws the player's terminal. */
export class PlayerPicture {
  readonly viewport = new Viewport();
  readonly #options: PlayerPictureOptions;
  readonly #upper: ScreenPainter;
  readonly #lower: ScreenPainter;
  readonly #commandPage: CommandPage | undefined;
  #size: TtySize;
  #status: Screen;
  #statusText = "";
  #line: StatusLine = { text: "" };
  #help: HelpPage | undefined;
  #message = "";
  #progress: number | undefined;
  #isWallClock = false;
  #isCleared = false;
  #hits: { readonly source: string; readonly places: readonly Highlight[] } | undefined;
  #cursor: Uint8Array = NOTHING;

  constructor(options: PlayerPictureOptions) {
    const { depth, size, commands } = options;
    this.#options = options;
    this.#upper = new ScreenPainter({ depth });
    this.#lower = new ScreenPainter({ depth });
    this.#commandPage = commands.view && new CommandPage(commands.view);
    this.#size = size;
    this.#status = new Screen({ cols: size.cols, rows: 1 });
  }

  /** Where on the terminal the timeline is; undefined where there is no room for it. */
  get timeline(): TimelinePlace | undefined {
    return this.#line.timeline && { ...this.#line.timeline, y: this.#size.rows - 1 };
  }

  /** The terminal has another size. */
  resize(size: TtySize): void {
    this.#size = size;
    this.#status = new Screen({ cols: size.cols, rows: 1 });
    this.#statusText = "";
    if (this.#help !== undefined) this.openHelp();
    this.forget();
  }

  /** Nothing is known of what the terminal shows. */
  forget(): void {
    this.#isCleared = false;
    this.#upper.forget();
    this.#lower.forget();
  }

  /** The recording's screen shows something else. */
  screenChanged(): void {
    this.#hits = undefined;
  }

  /** Says something in the status line, until something else is said. Must be safe to print. */
  say(message: string): void {
    this.#message = message;
  }

  /** A seek takes long: it has done this share (0-1). */
  progress(share: number): void {
    this.#progress = share;
  }

  /** Positions as times of day, or as time since the recording's start again. */
  toggleTimeStamps(): void {
    if (this.#options.player.header.startTime === undefined) this.say("this recording does not say when it began");
    else this.#isWallClock = !this.#isWallClock;
  }

  openHelp(page = 0): void {
    const { cols, rows } = this.#upperSize;
    this.#help = helpPage(cols, rows, page);
  }

  /** Shows the next page of the help, or closes it behind its last. False: there was no help. */
  turnHelp(): boolean {
    if (this.#help === undefined || this.#help.isLast) return this.closeHelp();
    this.openHelp(this.#help.page + 1);
    return true;
  }

  /** Whether there was help to be closed. */
  closeHelp(): boolean {
    const wasOpen = this.#help !== undefined;
    this.#help = undefined;
    return wasOpen;
  }

  /** What makes the terminal show how things are. */
  draw(prompt: Prompt | undefined): Drawing {
    const start = this.#isCleared ? NOTHING : CLEAR;
    this.#isCleared = true;
    const upper = this.#drawUpper();
    const { painted: lower, cursor = this.#recordingCursor() } = this.#drawLower(prompt);
    const hasChanged = start.length + upper.length + lower.length > 0 || Buffer.compare(cursor, this.#cursor) !== 0;
    this.#cursor = cursor;
    const parts = [BEGIN_FRAME, start, upper, lower, cursor, END_FRAME];
    return { bytes: hasChanged ? Buffer.concat(parts) : NOTHING, isFrame: upper.length > 0 };
  }

  /** The status line takes the last row, unless there is no other. */
  get #upperSize(): TtySize {
    const { cols, rows } = this.#size;
    return { cols, rows: rows > 1 ? rows - 1 : rows };
  }

  get #area(): PaintArea {
    const { cols, rows } = this.#upperSize;
    return this.viewport.area(this.#options.player.screen, cols, rows);
  }

  #drawUpper(): Uint8Array {
    const { player } = this.#options;
    const page = this.#page();
    if (page !== undefined) return this.#upper.paint(page, { x: 0, y: 0, ...this.#upperSize, left: 0, top: 0 });
    // On its way elsewhere the screen shows nothing that ever was.
    if (player.state === "seeking") return NOTHING;
    return this.#upper.paint(player.screen, this.#area, this.#findHits());
  }

  /** What is shown in place of the recording. */
  #page(): Screen | undefined {
    const { player, commands } = this.#options;
    if (this.#help !== undefined) return this.#help.screen;
    if (!commands.view?.isOpen) return undefined;
    const { cols, rows } = this.#upperSize;
    return this.#commandPage?.draw(cols, rows, player.outline);
  }

  #findHits(): readonly Highlight[] {
    const { player, finder } = this.#options;
    const { pattern } = finder;
    if (pattern === undefined) return [];
    if (this.#hits?.source !== pattern.source) {
      this.#hits = { source: pattern.source, places: findOnScreen(player.screen, pattern.regex) };
    }
    return this.#hits.places;
  }

  #recordingCursor(): Uint8Array {
    const { player, commands } = this.#options;
    const isHidden = this.#help !== undefined || commands.view?.isOpen === true;
    if (isHidden || player.state === "seeking") return NOTHING;
    return this.#upper.cursor(this.#options.player.screen, this.#area);
  }

  #drawLower(prompt: Prompt | undefined): { painted: Uint8Array; cursor?: Uint8Array } {
    const { cols, rows } = this.#size;
    if (rows < 2 && prompt === undefined) return { painted: NOTHING };
    const line = prompt?.line(cols);
    this.#line = line === undefined ? statusLine(this.#statusNow(), cols) : { text: line.text };
    const text = `\x1b[?7l\x1b[0m\r\x1b[2K${this.#line.text}`;
    if (text !== this.#statusText) this.#status.feed(Buffer.from(text));
    this.#statusText = text;
    const painted = this.#lower.paint(this.#status, { x: 0, y: rows - 1, cols, rows: 1, left: 0, top: 0 });
    if (line === undefined) return { painted };
    return { painted, cursor: Buffer.from(`\x1b[${rows};${line.cursor + 1}H\x1b[0 q\x1b[?25h`) };
  }

  #statusNow(): Status {
    const { player, finder, commands, title } = this.#options;
    const { position } = player;
    const search = finder.pattern && { text: `/${finder.pattern.source}`, hits: this.#findHits().length };
    return {
      state: player.state,
      position,
      positionText: this.#positionText(position),
      outline: player.outline,
      speed: player.speed,
      idle: player.idle,
      loop: player.loop,
      search,
      commands: commands.commands,
      command: commands.current,
      message: this.#messageNow(),
      title,
    };
  }

  /** The date goes first where the terminal is narrow. */
  #positionText(position: number): string {
    const { startTime } = this.#options.player.header;
    if (!this.#isWallClock || startTime === undefined) return formatClock(position);
    const text = formatWallClock(startTime, position);
    return this.#size.cols < MIN_DATE_COLS ? text.slice(text.indexOf(" ") + 1) : text;
  }

  #messageNow(): string | undefined {
    if (this.#options.player.state !== "seeking") this.#progress = undefined;
    if (this.#message !== "") return this.#message;
    return this.#progress === undefined ? undefined : `seeking, ${Math.floor(this.#progress * 100)} %`;
  }
}
