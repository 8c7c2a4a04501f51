// A session on the user's terminal: its screen is kept here, fed by what the session tells, and drawn from cells; keys go to the session
// but for those behind the prefix key. The terminal is on loan: it is given back whatever happens.
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Clock,
  type Drawing,
  FrameLoop,
  KeyReader,
  SystemClock,
  type TerminalInput,
} from "../../play/terminal-parts.js";
import type { UserTty } from "../../pty/index.js";
import type { AttachMessage, Attachment, SessionInfo, SessionManager, SessionReference } from "../../session/index.js";
import { type ColorDepth, FEED_BYTES, Screen, styledText, visibleText } from "../../terminal/index.js";
import { attachHelp, shortHelp } from "./attach-help.js";
import { type AttachAction, type AttachInput, PrefixGate } from "./attach-keys.js";
import { AttachPicture } from "./attach-picture.js";
import { listItems } from "./list-items.js";
import { ModeMirror, mirroredModes } from "./mode-mirror.js";
import { translateMouse } from "./mouse-report.js";
import type { Page } from "./page.js";
import { ScrollbackView } from "./scrollback-view.js";
import { SessionList } from "./session-list.js";
import { findSwitch } from "./switch-note.js";
import { TerminalLoan } from "./terminal-loan.js";
import { type TerminalPiece, TerminalPieces } from "./terminal-pieces.js";

/** What attaching needs of a manager of sessions. */
export type AttachSessions = Pick<SessionManager, "attach" | "getSession" | "getState" | "listActive" | "scrollback">;

/** What is shown, and where. */
export interface AttachUiOptions {
  readonly sessions: AttachSessions;
  /** Taken over: the end of {@link AttachUi.run} closes it. */
  readonly tty: UserTty;
  readonly depth: ColorDepth;
  /** The byte of the prefix key and how it is shown; undefined: there is none. */
  readonly prefix: { readonly byte: number; readonly shown: string } | undefined;
  readonly isReadOnly?: boolean | undefined;
  /** Who this is, for others. */
  readonly label: string;
  /** The terminal has a title that can be set and put back; true by default. */
  readonly hasTitle?: boolean | undefined;
  readonly clock?: Clock | undefined;
}

/** How it came to its end. `name` is safe to print. */
export type AttachEnd =
  /** `reason`: why, where it was not the user here who wanted it. */
  | { readonly kind: "detached"; readonly id: string; readonly name: string; readonly reason?: string | undefined }
  | {
      readonly kind: "ended";
      readonly id: string;
      readonly name: string;
      readonly exitStatus: number;
      readonly signal?: string | undefined;
    }
  /** The terminal went away. */
  | { readonly kind: "gone"; readonly id: string; readonly name: string };

/** What is shown in place of the session. */
type Overlay =
  | { readonly kind: "help" }
  | { readonly kind: "list"; readonly list: SessionList }
  | { readonly kind: "scrollback"; readonly view: ScrollbackView };

/** An attachment, and the session that it is to. */
interface Current {
  readonly attachment: Attachment;
  readonly id: string;
  session: SessionInfo;
  /** Nobody took it the keyboard. */
  hasKeyboard: boolean;
}

const NANOS_PER_MS = 1_000_000;
/** An escape is the escape key when nothing has followed for so long. */
const ESCAPE_NANOS = 20 * NANOS_PER_MS;
const MESSAGE_NANOS = 2_500 * NANOS_PER_MS;
/** A program that draws at once what it has said it would has so long for it. */
const SYNCHRONIZED_NANOS = 150 * NANOS_PER_MS;
/** Keys have their turn after so much work, milliseconds. */
const WORK_MS = 4;
/** A daemon that does not answer keeps nobody from leaving, milliseconds. */
const DETACH_MS = 1000;
const NO_KEYBOARD = "no keyboard: somebody took it, what you type goes nowhere";
const NOTHING = new Uint8Array(0);
const NO_DRAWING: Drawing = { bytes: NOTHING, isFrame: false };

/** Shows a session on a terminal. */
export class AttachUi {
  readonly #options: AttachUiOptions;
  readonly #tty: UserTty;
  readonly #clock: Clock;
  readonly #mirror = new ModeMirror();
  readonly #loan: TerminalLoan;
  readonly #picture: AttachPicture;
  readonly #loop: FrameLoop;
  readonly #pieces = new TerminalPieces();
  readonly #gate: PrefixGate;
  readonly #keys = new KeyReader();
  readonly #closing = new AbortController();
  #escape = new AbortController();
  #messaging = new AbortController();
  #screen: Screen | undefined;
  #current: Current | undefined;
  #overlay: Overlay | undefined;
  /** What was typed since something is on its way that it is meant for. */
  #waiting: TerminalPiece[] | undefined;
  #works = 0;
  #page: Page | undefined;
  #message: string | undefined;
  #hasBell = false;
  #synchronizedSince: number | undefined;
  /** The shell has the terminal, or is about to. */
  #isAway = false;
  #isUnwanted = false;
  /** What is typed now is for whoever has the terminal next. */
  #isOver = false;
  #finish: (end: AttachEnd) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(options: AttachUiOptions) {
    const { tty, depth, prefix, clock = new SystemClock() } = options;
    this.#options = options;
    this.#tty = tty;
    this.#clock = clock;
    this.#loan = new TerminalLoan(() => this.#mirror.undo());
    this.#gate = new PrefixGate(prefix?.byte);
    this.#picture = new AttachPicture({ depth, size: tty.size() });
    this.#loop = new FrameLoop({ clock, draw: () => this.#draw(), write: (bytes) => tty.write(bytes) });
  }

  /**
   * Attaches, and comes back when that is over and the terminal given back, with one more line on it where `lastLine` gives one.
   * @throws what the manager throws; where attaching fails nothing was done to the terminal.
   */
  async run(reference: SessionReference, lastLine: (end: AttachEnd) => string): Promise<AttachEnd> {
    let last = "";
    try {
      const current = await this.#attach(reference);
      const ended = new Promise<AttachEnd>((resolve, reject) => {
        this.#finish = (how) => {
          this.#isOver = true;
          resolve(how);
        };
        this.#fail = reject;
      });
      this.#takeTerminal();
      this.#follow(current);
      if (this.#isUnwanted) this.detach();
      const end = await ended;
      last = lastLine(end);
      return end;
    } finally {
      await this.#close(last);
    }
  }

  /** Detaches, as the user would. */
  detach(): void {
    this.#isUnwanted = true;
    if (this.#current !== undefined) this.#finish({ kind: "detached", ...this.#named(this.#current) });
  }

  async #attach(reference: SessionReference): Promise<Current> {
    const { sessions, isReadOnly, label } = this.#options;
    const session = await sessions.getSession(reference);
    const attachment = await sessions.attach(session.id, { ...this.#tty.size(), isReadOnly, label });
    return { attachment, id: session.id, session, hasKeyboard: true };
  }

  #named({ id, session }: Current): { readonly id: string; readonly name: string } {
    return { id, name: visibleText(session.name, { maxLength: 100 }) };
  }

  #takeTerminal(): void {
    this.#tty.onInput((bytes) => this.#read(bytes));
    this.#tty.onResize((size) => {
      // Also when this process was stopped and goes on: others had the terminal meanwhile.
      this.#mirror.forget();
      this.#picture.resize(size);
      this.#drawPage();
      this.#current?.attachment.resize(size);
      this.#request();
    });
    this.#tty.onHangup(() => {
      if (this.#current !== undefined) this.#finish({ kind: "gone", ...this.#named(this.#current) });
    });
    this.#tty.start();
    void this.#tty.write(this.#loan.enter());
  }

  async #close(lastLine: string): Promise<void> {
    this.#closing.abort();
    this.#escape.abort();
    this.#messaging.abort();
    this.#loop.close();
    const left = this.#current?.attachment.detach().catch(() => {});
    const line = lastLine === "" ? "" : `${lastLine}\r\n`;
    void this.#tty.write(Buffer.concat([this.#loan.leave(), Buffer.from(line)])); // closing waits for it
    await this.#tty.close();
    await Promise.race([left, new Promise((resolve) => setTimeout(resolve, DETACH_MS).unref())]);
  }

  readonly #actions: Readonly<Record<AttachAction, (key: string) => void>> = {
    detach: () => this.detach(),
    switch: () => void this.#holdInput(() => this.#openList()),
    redraw: () => {
      this.#mirror.forget();
      this.#picture.forget();
    },
    scrollback: () => void this.#holdInput(() => this.#openScrollback()),
    help: () => this.#open({ kind: "help" }),
    suspend: () => void this.#suspend(),
    pan: (key) => this.#picture.viewport.pan(key),
    cancel: () => {},
  };

  // What the session tells

  #follow(current: Current): void {
    this.#current = current;
    this.#takeAll(current).catch((error: unknown) => {
      if (this.#current === current) this.#fail(error);
    });
  }

  async #takeAll(current: Current): Promise<void> {
    const { attachment } = current;
    let since = performance.now();
    for await (const message of attachment.messages) {
      if (this.#current !== current || this.#closing.signal.aborted) return;
      for (const piece of piecesOf(message)) {
        await this.#take(piece, current);
        if (performance.now() - since > WORK_MS) {
          this.#request();
          await nextTurn();
          since = performance.now();
        }
      }
      this.#request();
    }
    if (this.#current === current) this.#finish({ kind: "detached", ...this.#named(current) });
  }

  async #take(message: AttachMessage, current: Current): Promise<void> {
    switch (message.type) {
      case "screen":
        this.#show(message);
        break;
      case "output":
        this.#screen?.feed(message.data);
        break;
      case "resize":
        this.#screen?.resize(message.cols, message.rows);
        this.#sayPart();
        break;
      case "session":
        current.session = message.session;
        this.#sayKeyboard(message.hasKeyboard ?? true, current);
        break;
      case "exit": {
        const { exitStatus, signal } = message;
        this.#finish({ kind: "ended", ...this.#named(current), exitStatus, signal });
        break;
      }
      case "detached":
        await this.#leave(message.reason, current);
    }
  }

  #show({ cols, rows, dump }: AttachMessage & { readonly type: "screen" }): void {
    const isFirst = this.#screen === undefined;
    this.#screen?.dispose();
    let isDump = true;
    this.#screen = new Screen({
      cols,
      rows,
      onBell: () => {
        if (!isDump) this.#hasBell = true;
      },
    });
    this.#screen.feed(dump);
    isDump = false;
    if (isFirst) this.#sayPart();
  }

  /** Somebody ended the attachment: perhaps to send this client elsewhere. */
  async #leave(reason: string, current: Current): Promise<void> {
    const { sessions } = this.#options;
    const to = await findSwitch(current.id, current.attachment.clientId, sessions);
    if (to !== undefined && (await this.#holdInput(() => this.#goTo(to)))) return;
    if (this.#current !== current) return;
    this.#finish({ kind: "detached", ...this.#named(current), reason: visibleText(reason, { maxLength: 200 }) });
  }

  /** Attaches to another session; the one before stays where that fails, and the reason is told. */
  async #goTo(reference: SessionReference): Promise<boolean> {
    const before = this.#current;
    try {
      const next = await this.#attach(reference);
      if (this.#closing.signal.aborted || this.#current !== before) {
        await next.attachment.detach();
        return false;
      }
      this.#screen?.dispose();
      this.#screen = undefined;
      this.#picture.forget();
      this.#picture.viewport.follow();
      this.#follow(next);
      void before?.attachment.detach().catch(() => {});
      return true;
    } catch (error) {
      this.#say(`cannot go there: ${visibleText(error instanceof Error ? error.message : String(error))}`);
      return false;
    }
  }

  // What the user does

  #read(bytes: Uint8Array): void {
    this.#escape.abort();
    this.#escape = new AbortController();
    this.#takePieces(this.#pieces.read(bytes));
    if (this.#pieces.waits) void this.#waitForRest(this.#escape.signal);
  }

  async #waitForRest(signal: AbortSignal): Promise<void> {
    await this.#clock.waitUntil(this.#clock.now() + ESCAPE_NANOS, signal);
    if (!signal.aborted) this.#takePieces(this.#pieces.flush());
  }

  /** What goes to the session goes at once, and together. */
  #takePieces(pieces: readonly TerminalPiece[]): void {
    const typed: Uint8Array[] = [];
    const wasPending = this.#gate.isPending;
    for (const piece of pieces) {
      const inputs = this.#overlay === undefined ? this.#gate.take(piece) : [{ to: "session", piece } as const];
      for (const input of inputs) {
        if (this.#isOver) return;
        if (input.to !== "session") this.#obey(input, typed);
        else if (this.#waiting !== undefined) this.#waiting.push(input.piece);
        else if (this.#overlay !== undefined) this.#takeKeys(input.piece);
        else typed.push(this.#forSession(input.piece));
      }
    }
    this.#send(typed);
    if (wasPending !== this.#gate.isPending) this.#request();
  }

  /** What is typed while something is on its way is meant for what comes. */
  async #holdInput(work: () => Promise<boolean>): Promise<boolean> {
    this.#waiting ??= [];
    this.#works += 1;
    const isDone = await work();
    this.#works -= 1;
    if (this.#works > 0) return isDone;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (isDone) this.#takePieces(waiting);
    return isDone;
  }

  /** Types what was collected so far. */
  #send(typed: Uint8Array[]): void {
    const bytes = Buffer.concat(typed.splice(0));
    if (bytes.length === 0) return;
    if (this.#options.isReadOnly === true) {
      this.#say("attached to look on: what you type goes nowhere");
      return;
    }
    if (this.#current?.hasKeyboard === false) this.#say(NO_KEYBOARD);
    this.#current?.attachment.send(bytes);
    this.#picture.viewport.follow();
    this.#request();
  }

  #forSession(piece: TerminalPiece): Uint8Array {
    if (piece.kind !== "focus" && piece.kind !== "mouse") return piece.bytes;
    const screen = this.#screen;
    // Who looks on may point without being told off.
    if (screen === undefined || this.#options.isReadOnly === true) return NOTHING;
    const { modes, cols, rows } = screen;
    if (piece.kind === "focus") return modes.focusReporting ? piece.bytes : NOTHING;
    return translateMouse(piece.report, modes, { cols, rows, area: this.#picture.area(screen) }) ?? NOTHING;
  }

  #obey(input: Exclude<AttachInput, { readonly to: "session" }>, typed: Uint8Array[]): void {
    this.#send(typed); // what was typed before the key is typed before what the key does
    this.#request();
    if (input.to === "prefix") return;
    this.#unsay();
    if (input.action === undefined) this.#say(`no such key: ${this.#options.prefix?.shown} ? shows them`);
    else this.#actions[input.action](input.key.name);
  }

  /** Pieces are whole: nothing has to be waited for. */
  #takeKeys(piece: TerminalPiece): void {
    if (piece.kind === "key" && piece.isRelease) return;
    const keys = this.#keys.read(piece.bytes);
    for (const input of [...keys, ...this.#keys.flush()]) {
      const overlay = this.#overlay;
      if (overlay === undefined || input.kind === "mouse") continue;
      if (overlay.kind === "help") this.#shut();
      else if (overlay.kind === "list") this.#choose(overlay.list, input);
      else if (input.kind === "key") this.#scroll(overlay.view.take(input));
    }
  }

  #choose(list: SessionList, input: Exclude<TerminalInput, { readonly kind: "mouse" }>): void {
    const result = list.take(input);
    if (result === "changed") this.#drawPage();
    if (result === "left" || result === "chosen") this.#shut();
    const { chosen } = list;
    if (result === "chosen" && chosen !== undefined && chosen.id !== this.#current?.id)
      void this.#holdInput(() => this.#goTo(chosen.id));
    this.#request();
  }

  async #openList(): Promise<boolean> {
    try {
      const items = listItems(await this.#options.sessions.listActive(), this.#current?.id);
      if (!this.#closing.signal.aborted) this.#open({ kind: "list", list: new SessionList(items) });
      return true;
    } catch (error) {
      this.#say(visibleText(error instanceof Error ? error.message : String(error)));
      return false;
    }
  }

  async #openScrollback(): Promise<boolean> {
    const current = this.#current;
    const screen = this.#screen;
    if (current === undefined || screen === undefined) return false;
    this.#say("reading what scrolled off");
    try {
      const { styled } = await this.#options.sessions.scrollback(current.id, undefined, this.#closing.signal);
      if (this.#closing.signal.aborted || this.#current !== current || this.#screen === undefined) return true;
      this.#unsay();
      if (styled.length === 0) this.#say("nothing has scrolled off");
      else {
        const shown = this.#screen.snapshot().lines.map((line) => styledText(line));
        const view = new ScrollbackView(styled, shown, this.#picture.size.rows);
        this.#open({ kind: "scrollback", view });
      }
      return true;
    } catch (error) {
      this.#say(visibleText(error instanceof Error ? error.message : String(error)));
      return false;
    }
  }

  #scroll(result: ReturnType<ScrollbackView["take"]>): void {
    if (result === "changed") this.#drawPage();
    if (result === "left") this.#shut();
    this.#request();
  }

  #open(overlay: Overlay): void {
    this.#overlay = overlay;
    this.#drawPage();
    this.#request();
  }

  #shut(): void {
    this.#overlay = undefined;
    this.#drawPage();
    this.#request();
  }

  /** The shell gets the terminal until it continues this program. */
  async #suspend(): Promise<void> {
    if (this.#tty.suspend === undefined || this.#isAway) return;
    this.#isAway = true;
    void this.#tty.write(this.#loan.leave());
    await this.#tty.suspend();
    this.#isAway = false;
    if (this.#closing.signal.aborted) return;
    void this.#tty.write(this.#loan.enter());
    this.#picture.resize(this.#tty.size());
    this.#current?.attachment.resize(this.#tty.size());
    this.#request();
  }

  // What is to be seen

  #request(): void {
    this.#loop.request();
  }

  #drawPage(): void {
    this.#page?.screen.dispose();
    const { cols, rows } = this.#picture.size;
    const overlay = this.#overlay;
    if (overlay === undefined) this.#page = undefined;
    else if (overlay.kind === "list") this.#page = overlay.list.draw(cols, rows);
    else if (overlay.kind === "scrollback") this.#page = overlay.view.draw(cols, rows);
    else this.#page = attachHelp(cols, rows, this.#options.prefix?.shown ?? "");
  }

  #draw(): Drawing {
    const screen = this.#screen;
    if (this.#isAway || screen === undefined || this.#isBeingDrawn(screen)) return NO_DRAWING;
    const title = this.#options.hasTitle === false ? "" : screen.title;
    const before = [
      this.#mirror.modes(mirroredModes(screen.modes)),
      this.#mirror.title(title === "" ? undefined : visibleText(title, { maxLength: 200 })),
      this.#hasBell ? "\x07" : "",
    ].join("");
    this.#hasBell = false;
    return this.#picture.draw({ screen, page: this.#page, status: this.#status(screen), before });
  }

  /** The program has said that what it draws is not to be seen before it is all there. */
  #isBeingDrawn(screen: Screen): boolean {
    if (!screen.modes.synchronizedOutput) {
      this.#synchronizedSince = undefined;
      return false;
    }
    const now = this.#clock.now();
    if (this.#synchronizedSince === undefined) {
      this.#synchronizedSince = now;
      void this.#clock.waitUntil(now + SYNCHRONIZED_NANOS, this.#closing.signal).then(() => this.#request());
    }
    return now - this.#synchronizedSince < SYNCHRONIZED_NANOS;
  }

  #status(screen: Screen): string | undefined {
    const { prefix } = this.#options;
    if (!this.#gate.isPending || this.#current === undefined) return this.#message;
    const { session } = this.#current;
    const clients = session.live?.clients ?? 1;
    const facts = [
      visibleText(session.name, { maxLength: 40 }),
      `${screen.cols}x${screen.rows}`,
      clients > 1 ? `${clients} attached` : undefined,
      this.#options.isReadOnly === true ? "looking on" : this.#current.hasKeyboard ? undefined : "no keyboard",
    ];
    return ` ${shortHelp(prefix?.shown ?? "")}  [${facts.filter((fact) => fact !== undefined).join(", ")}]`;
  }

  /** Who looks on never had it. */
  #sayKeyboard(hasKeyboard: boolean, current: Current): void {
    if (hasKeyboard === current.hasKeyboard || this.#options.isReadOnly === true) return;
    current.hasKeyboard = hasKeyboard;
    this.#say(hasKeyboard ? "keyboard given back: you may type again" : NO_KEYBOARD);
  }

  #sayPart(): void {
    const screen = this.#screen;
    if (screen === undefined || !this.#picture.isPart(screen)) return;
    const keys = this.#options.prefix === undefined ? "" : `; ${this.#options.prefix.shown} and arrows show another`;
    this.#say(`a part of ${screen.cols}x${screen.rows}${keys}`);
  }

  /** Says something for a moment. Must be safe to print. */
  #say(message: string): void {
    this.#unsay();
    this.#message = ` ${message}`;
    this.#request();
    const { signal } = this.#messaging;
    void this.#clock.waitUntil(this.#clock.now() + MESSAGE_NANOS, signal).then(() => {
      if (signal.aborted) return;
      this.#message = undefined;
      this.#request();
    });
  }

  #unsay(): void {
    this.#messaging.abort();
    this.#messaging = new AbortController();
    this.#message = undefined;
  }
}

/** Much output is taken in pieces, so that keys have their turn between. */
function* piecesOf(message: AttachMessage): Generator<AttachMessage> {
  if (message.type !== "output" || message.data.length <= FEED_BYTES) {
    yield message;
    return;
  }
  for (let at = 0; at < message.data.length; at += FEED_BYTES)
    yield { type: "output", data: message.data.subarray(at, at + FEED_BYTES) };
}
