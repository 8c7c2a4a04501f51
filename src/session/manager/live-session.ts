// A session whose terminal lives, as its manager has it: the screen, fed with what its holder tells or with what its recording says, the
// clients, and what its shell is at. What goes wrong in one ends that one.
import type { Command, CommandText } from "../../analyze/index.js";
import { type CustomEvent, type Event, SessionError, UsageError } from "../../core/index.js";
import type { Session } from "../../store/index.js";
import { type FilteredOutput, ProofFilter, QueryFilter, QueryResponder, Screen } from "../../terminal/index.js";
import type { HeldSession, HeldSessionListener } from "../holder/held-session.js";
import type { HeldEnd, HeldPosition, HolderProblem } from "../holder/holder-protocol.js";
import type { LiveFacts, SessionInfo } from "../session-info.js";
import type {
  AttachMessage,
  AttachOptions,
  ClientInfo,
  RunResult,
  SessionScreen,
  WaitConditions,
  WaitResult,
} from "../session-manager.js";
import { AttachedClient, type ClientHost } from "./attached-client.js";
import { killProcesses } from "./end-processes.js";
import type { LiveTerminal } from "./live-terminal.js";
import { OutputRate } from "./output-rate.js";
import { RecordingTail } from "./recording-tail.js";
import { RunningLine } from "./running-line.js";
import type { ScreenCache } from "./screen-cache.js";
import { screenOf, textsOf } from "./session-screen.js";
import { ShellWatch } from "./shell-watch.js";
import type { Turns, Worker } from "./turns.js";
import { Waiting } from "./waiting.js";

/** Whose size a session has where several are attached: that of who attached, typed or changed last, or the smallest or largest. */
export type SizePolicy = "latest" | "smallest" | "largest";

/** Who is told of what happens in a session. */
export interface LiveSessionListener {
  onCommandStart(live: LiveSession, line: string | undefined): void;
  onCommand(live: LiveSession, command: Command): void;
  onCwd(live: LiveSession, cwd: string): void;
  onCustom(live: LiveSession, event: CustomEvent): void;
  /** Something was printed or typed. */
  onActivity(live: LiveSession): void;
  /** Its terminal is gone: `end` is undefined where its holder died. Clients and waits are told behind this. */
  onEnd(live: LiveSession, end: HeldEnd | undefined, failure: unknown): Promise<void>;
  onProblem(problem: unknown, about: string): void;
}

/** What a live session works with. */
export interface LiveSessionOptions {
  readonly held: HeldSession;
  readonly session: Session;
  /** It was started just now: all that it has printed so far is news. */
  readonly isNew: boolean;
  readonly turns: Turns;
  readonly cache: ScreenCache;
  readonly sizePolicy: SizePolicy;
  /** Names of variables that its shell may tell of. */
  readonly variables: readonly string[];
  /** t2a's. */
  readonly version: string;
  readonly host: string | undefined;
  readonly now: () => number;
  readonly listener: LiveSessionListener;
}

/** Something that the screen has not taken yet. */
type Queued = { readonly event: Event } | { readonly bytes: Uint8Array };

/** What may wait for the screen, bytes; beyond that the recording is read. */
const MAX_QUEUE = 4 * 1024 * 1024;
/** Events count for so much beside their data. */
const EVENT_BYTES = 64;
/** A slice of work, milliseconds. */
const SLICE_MS = 1;
/** Events that the recording may be ahead of the screen (some 16 MB): then nothing more is read of the terminal until it is so few. */
const MAX_LAG = 4096;
const LAG_TO_GO_ON = 1024;
/** What is typed makes a session urgent for so long, milliseconds. */
const URGENT_MS = 200;
/** The screen is saved behind so much output, or, behind less, once nothing has come for a while. */
const SAVE_BYTES = 2 * 1024 * 1024;
const IDLE_SAVE_BYTES = 64 * 1024;
const IDLE_SAVE_MS = 5000;
/** A terminal that does not take a client's size is shown in the one it has. Milliseconds. */
const SIZE_WAIT_MS = 40;
/** Who asked for a size hears of it as it is after so long, milliseconds, should the terminal not have taken it. */
const SIZED_MS = 1000;
/** After its terminal was closed a session has so long, milliseconds; then what is left of it is killed. */
export const KILL_MS = 5000;
/** A reader of the recording is kept for the next time this long, milliseconds. */
const TAIL_MS = 3000;
/** A shell comes to its first prompt within so long after its start, as a rule. */
const FIRST_PROMPT_MS = 5000;

/** A live session. */
export class LiveSession implements LiveTerminal, HeldSessionListener, Worker {
  readonly id: string;
  readonly #held: HeldSession;
  readonly #options: LiveSessionOptions;
  #session: Session;
  #screen: Screen;
  #responder: QueryResponder;
  #filter = new QueryFilter();
  /** Whoever is attached gets nothing that would let it forge marks of the shell. */
  readonly #proofs = new ProofFilter();
  #shell: ShellWatch;
  readonly #rate = new OutputRate();
  readonly #clients = new Map<string, AttachedClient>();
  readonly #waits = new Set<Waiting>();
  #running: RunningLine | undefined;
  #limitWarnings: readonly string[] = [];

  /** Events that the screen has taken; the number behind the last that is queued; until where the recording is to be read. */
  #applied = 0;
  #queuedTo = 0;
  #gapTo = 0;
  #queue: Queued[] = [];
  #queueAt = 0;
  #queuedBytes = 0;
  #timeNs = 0;
  #tail: RecordingTail | undefined;
  #tailTimer: NodeJS.Timeout | undefined;
  #isReading = false;
  /** What happened before this manager had the session is read without telling anybody. */
  #silentTo = 0;
  /** What was there when it was found, or has been printed by then. */
  #readyAt = 0;
  #readyWaits: (() => void)[] = [];
  #sizeWaits: (() => void)[] = [];
  #isFollowing = false;

  #end: { readonly end: HeldEnd | undefined } | undefined;
  #isOver = false;
  /** Nothing follows any more: all who were to know of its end know it. */
  #isDone = false;
  #failure: { readonly error: unknown } | undefined;
  #lastOutputMs: number | undefined;
  #lastInputMs = Number.NEGATIVE_INFINITY;
  #unsavedBytes = 0;
  #saveTimer: NodeJS.Timeout | undefined;
  #killTimer: NodeJS.Timeout | undefined;
  /** Why nothing is read of the terminal. */
  readonly #holds = new Set<"asked" | "behind">();
  #clientCount = 0;
  #activity = 0;
  #wantedSize: { readonly cols: number; readonly rows: number };
  #endWaits: (() => void)[] = [];

  constructor(options: LiveSessionOptions) {
    const { held, session } = options;
    this.#options = options;
    this.#held = held;
    this.id = held.facts.sessionId;
    this.#session = session;
    const { cols, rows } = held.facts;
    this.#wantedSize = { cols, rows };
    this.#screen = new Screen({ cols, rows });
    this.#responder = this.#newResponder();
    this.#shell = this.#newShell();
  }

  /** Begins to follow. The screen comes behind: see `ready`. @throws what the holder's side throws. */
  async open(): Promise<void> {
    const { cache } = this.#options;
    const { recordingId, events } = this.#held.facts;
    if (events > 0) this.#restore(cache.find(this.id, recordingId), events);
    const { events: known, timeNs } = await this.#held.follow(this);
    this.#readyAt = known;
    if (!this.#options.isNew) this.#silentTo = known;
    this.#timeNs = Math.max(this.#timeNs, timeNs);
    this.#isFollowing = true;
    if (known > this.#queuedTo) this.#readUpTo(known);
    this.#options.turns.add(this);
  }

  /** The screen is as it was when this was called, or later. */
  async ready(): Promise<void> {
    if (this.#isOver || this.#isReady) return;
    await new Promise<void>((resolve) => this.#readyWaits.push(resolve));
  }

  get name(): string {
    return this.#session.name;
  }

  get session(): Session {
    return this.#session;
  }

  /** The document was changed: whoever is attached is told. */
  set session(session: Session) {
    this.#session = session;
    this.#tellClients();
  }

  get #isReady(): boolean {
    return this.#isFollowing && this.#applied >= this.#readyAt;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get held(): HeldSession {
    return this.#held;
  }

  get facts(): LiveFacts {
    const { pid, recordingId, isRecording, recordingProblem, outputBytes, unenforced } = this.#held.facts;
    const { cols, rows } = this.#isReady ? this.#screen : this.#held.facts;
    const lastOutputAt = this.#lastOutputMs === undefined ? undefined : new Date(this.#lastOutputMs).toISOString();
    const { title } = this.#screen;
    return {
      pid,
      holderPid: this.#held.holderPid,
      cols,
      rows,
      recordingId,
      isRecording,
      clients: this.#clients.size,
      outputBytes,
      ...(lastOutputAt === undefined ? {} : { lastOutputAt }),
      ...(title === "" ? {} : { title }),
      ...(this.cwd === undefined ? {} : { cwd: this.cwd }),
      ...(this.commandLine === undefined ? {} : { commandLine: this.commandLine }),
      warnings: [
        ...unenforced,
        ...(recordingProblem === undefined ? [] : [`it is not recorded any more: ${recordingProblem}`]),
        ...this.#limitWarnings,
      ],
    };
  }

  get info(): SessionInfo {
    const session = this.#session;
    const activeMs = Math.max(this.#lastOutputMs ?? 0, this.#lastInputMs, Date.parse(session.lastActivityAt));
    return { ...session, lastActivityAt: new Date(activeMs).toISOString(), live: this.facts };
  }

  get position(): { readonly events: number; readonly timeNs: number } {
    return { events: this.#applied, timeNs: this.#timeNs };
  }

  get cwd(): string | undefined {
    return this.#shell.cwd;
  }

  get environment(): LiveTerminal["environment"] {
    const { variables } = this.#options;
    const told = this.#shell.environment;
    const known = variables.flatMap((name) => (told[name] === undefined ? [] : [[name, told[name]]]));
    return known.length === 0 && variables.length > 0 ? undefined : Object.fromEntries(known);
  }

  get commandLine(): string | undefined {
    return this.#shell.commandLine;
  }

  get isAtPrompt(): boolean | undefined {
    return this.#shell.isAtPrompt;
  }

  get screen(): SessionScreen {
    const screen = screenOf(this.#screen);
    return { ...screen, dump: this.#proofs.withoutOpenProof(screen.dump) };
  }

  get outputRate(): number {
    return this.#rate.at(this.#options.now());
  }

  get lastOutputMs(): number | undefined {
    return this.#lastOutputMs;
  }

  get commands(): readonly Command[] {
    return this.#shell.commands;
  }

  get clients(): readonly ClientInfo[] {
    return [...this.#clients.values()].map(({ info }) => info);
  }

  input(bytes: Uint8Array, who: string): void {
    if (this.#isOver || bytes.length === 0) return;
    this.#lastInputMs = this.#options.now();
    this.#held.input(bytes, who);
    this.#options.listener.onActivity(this);
  }

  signal(signal: NodeJS.Signals): void {
    this.#held.signal(signal);
  }

  mark(label: string): void {
    this.#held.mark(label);
  }

  addCustom(code: string, data: Readonly<Record<string, string>>): void {
    this.#held.addCustom(code, data);
  }

  hold(isHeld: boolean): void {
    this.#hold("asked", isHeld);
  }

  setLimitWarnings(warnings: readonly string[]): void {
    this.#limitWarnings = warnings;
    this.#tellClients();
  }

  setRecording(isRecording: boolean): void {
    if (isRecording === this.#held.facts.isRecording) return;
    if (isRecording) this.#held.resumeRecording();
    else this.#held.pauseRecording();
    this.#tellClients();
  }

  /** Takes a size that somebody asked for: until a client attaches or takes another one, where that changes it. */
  resize(size: { readonly cols: number; readonly rows: number }): void {
    if (this.#isOver || (size.cols === this.#wantedSize.cols && size.rows === this.#wantedSize.rows)) return;
    this.#wantedSize = size;
    this.#held.resize(size);
    // Nothing is told of what is not recorded.
    if (!this.#held.facts.isRecording) this.#resized(size.cols, size.rows);
  }

  /** Comes back when the terminal has taken a size that was asked for; not for ever. */
  async sized(): Promise<void> {
    const { cols, rows } = this.#wantedSize;
    if (this.#isOver || (cols === this.#screen.cols && rows === this.#screen.rows)) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, SIZED_MS);
      this.#sizeWaits.push(() => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  /** Attaches. @throws SessionError `T2A_SESSION_OVER`. */
  async attach(options: AttachOptions): Promise<AttachedClient> {
    await this.ready();
    if (this.#isOver) throw over(this.#session);
    const client = new AttachedClient(`c${++this.#clientCount}`, options, this.#options.now(), this.#clientHost);
    client.lastActive = ++this.#activity;
    this.#clients.set(client.clientId, client);
    this.#applySizes();
    const { cols, rows } = this.#wantedSize;
    if (cols === this.#screen.cols && rows === this.#screen.rows) client.release();
    else setTimeout(() => client.release(), SIZE_WAIT_MS);
    this.#tellClients();
    return client;
  }

  /** @throws SessionError `T2A_SESSION_NOT_FOUND` where no such client is attached. */
  client(clientId: string): AttachedClient {
    const client = this.#clients.get(clientId);
    if (client !== undefined) return client;
    throw new SessionError(
      "T2A_SESSION_NOT_FOUND",
      `the session ${this.name} has no client ${clientId}: t2a session clients lists them`,
      {
        details: { id: this.id, clientId },
      },
    );
  }

  detachAll(reason: string): void {
    for (const client of [...this.#clients.values()]) client.end({ type: "detached", reason });
  }

  setKeyboard(clientId: string, hasKeyboard: boolean): void {
    const client = this.client(clientId);
    if (hasKeyboard && client.isReadOnly) {
      throw new UsageError(`the client ${clientId} is attached to read only: it has to attach anew`);
    }
    client.hasKeyboard = hasKeyboard;
    this.#tellClients();
  }

  async wait(conditions: WaitConditions, signal: AbortSignal | undefined): Promise<WaitResult> {
    return await this.#wait(conditions, signal, () => this.isAtPrompt);
  }

  async #wait(
    conditions: WaitConditions,
    signal: AbortSignal | undefined,
    isAtPrompt: () => boolean | undefined,
  ): Promise<WaitResult> {
    await this.ready();
    const session = this;
    const waited = {
      get cols() {
        return session.#screen.cols;
      },
      get rows() {
        return session.#screen.rows;
      },
      texts: () => textsOf(session.#screen),
      get isAtPrompt() {
        return isAtPrompt();
      },
    };
    const waiting = new Waiting(conditions, waited, (one) => this.#waits.delete(one), signal);
    if (!waiting.isOver) this.#waits.add(waiting);
    if (this.#isDone) waiting.over(this.#end?.end?.exitStatus);
    return await waiting.result;
  }

  /** @throws SessionError `T2A_SESSION_BUSY`, `T2A_SESSION_OVER`. */
  async run(line: string, signal: AbortSignal | undefined): Promise<RunResult> {
    await this.ready();
    await this.#settled(signal);
    if (this.#isOver) throw over(this.#session);
    const { isRecording } = this.#held.facts;
    const reason =
      this.#running !== undefined
        ? "another command is typed into it just now"
        : !isRecording
          ? "its recording is paused, so that nobody would see the command's end"
          : !this.#shell.isMarked
            ? "its program does not tell of commands, as a shell that t2a starts does"
            : this.#shell.isAtPrompt !== true
              ? `${this.commandLine ?? "a program"} runs in it`
              : undefined;
    if (reason !== undefined) {
      throw new SessionError("T2A_SESSION_BUSY", `the session ${this.name} is not at its prompt: ${reason}`, {
        details: { id: this.id },
      });
    }
    const running = new RunningLine(line, this.#shell, () => (this.#running = undefined), signal);
    this.#running = running;
    this.input(running.typed(this.#screen.modes.bracketedPaste), "run");
    return await running.result;
  }

  /** The first prompt of a shell that was started just now may be on its way: it is waited for. */
  async #settled(signal: AbortSignal | undefined): Promise<void> {
    const { startedMs, isRecording } = this.#held.facts;
    const timeoutMs = startedMs + FIRST_PROMPT_MS - this.#options.now();
    // Some shells ask for bracketed paste before they have marked anything.
    const isPrompt = () => this.#shell.isMarked && this.#shell.isAtPrompt === true;
    const isKnown = isPrompt() || this.commandLine !== undefined || !isRecording;
    if (isKnown || timeoutMs <= 0) return;
    await this.#wait({ prompt: true, timeoutMs: Math.min(timeoutMs, FIRST_PROMPT_MS) }, signal, isPrompt);
  }

  /** Comes back when it is over and all who were to know it know it. */
  async ended(): Promise<void> {
    if (this.#isDone) return;
    await new Promise<void>((resolve) => this.#endWaits.push(resolve));
  }

  /** Saves the screen and lets go: the session lives on. */
  async close(): Promise<void> {
    if (this.#isOver) return;
    if (this.#isReady) this.#save();
    this.#isOver = true;
    this.#isDone = true;
    this.#options.turns.remove(this);
    this.detachAll("the daemon ended");
    for (const waiting of [...this.#waits]) waiting.fail(new SessionError("T2A_DAEMON", "the daemon ended"));
    this.#running?.fail(new SessionError("T2A_DAEMON", "the daemon ended"));
    await this.#free();
  }

  // What the holder tells.

  onEvents(events: readonly Event[], first: number): void {
    if (this.#failure !== undefined || this.#isOver) return;
    const end = first + events.length;
    if (end <= this.#queuedTo) return;
    const isMissing = first > this.#queuedTo || this.#gapTo > this.#applied;
    if (isMissing || (this.#queuedBytes > MAX_QUEUE && this.#held.facts.isRecording)) {
      this.#readUpTo(end);
      return;
    }
    for (let at = this.#queuedTo - first; at < events.length; at++) {
      const event = events[at];
      if (event === undefined) break;
      this.#queue.push({ event });
      this.#queuedBytes += sizeOf(event);
    }
    this.#queuedTo = end;
    this.#enqueued();
  }

  onUnrecorded(bytes: Uint8Array): void {
    if (this.#failure !== undefined || this.#isOver) return;
    if (this.#queuedBytes > MAX_QUEUE) this.#dropQueue(); // it is nowhere else: the screen shows the last of it
    this.#queue.push({ bytes });
    this.#queuedBytes += bytes.length + EVENT_BYTES;
    this.#enqueued();
  }

  onBehind({ events }: HeldPosition): void {
    if (events > this.#queuedTo) this.#readUpTo(events);
  }

  onRecordingFailed({ message }: HolderProblem): void {
    this.#options.listener.onProblem(new SessionError("T2A_SESSION_LIMIT", message), `recording ${this.id}`);
    this.#tellClients();
  }

  onProblem({ message }: HolderProblem): void {
    this.#options.listener.onProblem(new SessionError("T2A_HOLDER", message), `session ${this.id}`);
  }

  onEnd(end: HeldEnd): void {
    this.#end ??= { end };
    this.#options.turns.add(this);
  }

  onLost(): void {
    this.#end ??= { end: undefined };
    this.#options.turns.add(this);
  }

  // Work in slices.

  get isUrgent(): boolean {
    return this.#options.now() - this.#lastInputMs < URGENT_MS;
  }

  work(): boolean {
    try {
      return this.#work();
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /** What is little is done at once: somebody may wait for a key's echo. */
  #enqueued(): void {
    const isLittle = this.#queue.length - this.#queueAt <= 4 && this.#queuedBytes <= 16 * 1024;
    if (isLittle && this.#isFollowing && this.#gapTo <= this.#applied) {
      if (!this.work()) return;
    }
    this.#options.turns.add(this);
  }

  #work(): boolean {
    if (this.#isOver) return false;
    if (this.#failure === undefined) {
      const end = performance.now() + SLICE_MS;
      do {
        const next = this.#take();
        if (next === undefined) break;
        this.#apply(next);
      } while (performance.now() < end);
      this.#shell.look();
      this.#running?.look();
      if (this.#isReady) this.#tellReady();
      if (this.#queuedTo - this.#applied < LAG_TO_GO_ON) this.#hold("behind", false);
      if (this.#queueAt < this.#queue.length) return true;
      if (this.#gapTo > this.#applied) {
        this.#read();
        return false;
      }
    }
    if (this.#end !== undefined) this.#finish(this.#end.end);
    return false;
  }

  #take(): Queued | undefined {
    const next = this.#queue[this.#queueAt];
    if (next === undefined) this.#dropQueue();
    else this.#queueAt++;
    return next;
  }

  #hold(why: "asked" | "behind", isHeld: boolean): void {
    if (this.#holds.has(why) === isHeld) return;
    const before = this.#holds.size > 0;
    if (isHeld) this.#holds.add(why);
    else this.#holds.delete(why);
    if (before !== this.#holds.size > 0) this.#held.hold(!before);
  }

  /** Everything before is in the recording, and is read from there where it was not taken yet. */
  #readUpTo(events: number): void {
    if (this.#gapTo <= this.#applied) this.#dropQueue();
    this.#gapTo = events;
    this.#queuedTo = events;
    if (events - this.#applied > MAX_LAG) this.#hold("behind", true);
    this.#options.turns.add(this);
  }

  #dropQueue(): void {
    this.#queue = [];
    this.#queueAt = 0;
    this.#queuedBytes = 0;
  }

  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    void this.#readNext().then(
      (events) => {
        this.#isReading = false;
        if (this.#isOver) return;
        const behind = this.#queue.slice(this.#queueAt);
        this.#queue = [...events.map((event) => ({ event })), ...behind];
        this.#queueAt = 0;
        for (const event of events) this.#queuedBytes += sizeOf(event);
        this.#options.turns.add(this);
      },
      (error) => {
        this.#isReading = false;
        if (this.#isOver) return;
        // The screen is not what it should be from here on; the terminal is.
        this.#options.listener.onProblem(error, `reading the recording of the session ${this.id}`);
        this.#applied = this.#gapTo;
        void this.#closeTail();
        for (const client of this.#clients.values()) client.refresh();
        this.#options.turns.add(this);
      },
    );
  }

  async #readNext(): Promise<readonly Event[]> {
    clearTimeout(this.#tailTimer);
    if (this.#tail === undefined) {
      this.#tail = await RecordingTail.open(this.#held.facts.path, this.#applied);
      if (this.#applied === 0) this.#screen.resize(this.#tail.size.cols, this.#tail.size.rows);
    }
    const events = await this.#tail.next(this.#applied, this.#gapTo);
    if (this.#applied + events.length >= this.#gapTo)
      this.#tailTimer = setTimeout(() => void this.#closeTail(), TAIL_MS);
    return events;
  }

  async #closeTail(): Promise<void> {
    const tail = this.#tail;
    this.#tail = undefined;
    clearTimeout(this.#tailTimer);
    try {
      await tail?.close();
    } catch (error) {
      this.#options.listener.onProblem(error, `reading the recording of the session ${this.id}`);
    }
  }

  #apply(next: Queued): void {
    if ("bytes" in next) {
      this.#queuedBytes -= next.bytes.length + EVENT_BYTES;
      this.#output(next.bytes, false);
      return;
    }
    const { event } = next;
    const isSilent = this.#applied < this.#silentTo;
    this.#shell.isSilent = isSilent;
    this.#queuedBytes -= sizeOf(event);
    if (event.kind === "output") this.#output(event.data, isSilent);
    else if (event.kind === "resize") this.#resized(event.cols, event.rows);
    this.#shell.take(event);
    this.#applied++;
    this.#timeNs = Math.max(this.#timeNs, event.time);
    if (event.kind === "custom" && !isSilent) this.#options.listener.onCustom(this, event);
  }

  #output(bytes: Uint8Array, isSilent: boolean): void {
    const shown = this.#proofs.take(bytes);
    if (isSilent) this.#screen.feed(bytes);
    else this.#shownOutput(bytes, shown);
    this.#unsavedBytes += bytes.length;
    if (this.#unsavedBytes >= SAVE_BYTES) this.#save();
    else if (this.#unsavedBytes >= IDLE_SAVE_BYTES) this.#saveWhenIdle();
  }

  /** `shown`: what others may see of the bytes. */
  #shownOutput(bytes: Uint8Array, shown: Uint8Array): void {
    const answers = this.#responder.scan(bytes);
    if (answers !== undefined) this.#held.input(answers, "t2a");
    const filtered: FilteredOutput = this.#filter.take(shown);
    for (const client of this.#clients.values()) client.output(filtered);
    for (const waiting of this.#waits) waiting.output(bytes);
    const now = this.#options.now();
    this.#lastOutputMs = now;
    this.#rate.add(bytes.length, now);
    this.#options.listener.onActivity(this);
  }

  #resized(cols: number, rows: number): void {
    this.#screen.resize(cols, rows);
    this.#responder.resize(cols, rows);
    this.#tellSized();
    for (const waiting of this.#waits) waiting.resized(cols, rows);
    for (const client of this.#clients.values()) {
      client.resized(this.#screen.cols, this.#screen.rows);
      client.release();
    }
  }

  #tellSized(): void {
    const waits = this.#sizeWaits;
    this.#sizeWaits = [];
    for (const resolve of waits) resolve();
  }

  #tellReady(): void {
    const waits = this.#readyWaits;
    this.#readyWaits = [];
    for (const resolve of waits) resolve();
  }

  #newResponder(): QueryResponder {
    const { cols, rows } = this.#screen;
    return new QueryResponder({ cols, rows, version: this.#options.version, screen: this.#screen });
  }

  #newShell(state?: ConstructorParameters<typeof ShellWatch>[0]["state"]): ShellWatch {
    const { host, listener } = this.#options;
    return new ShellWatch({
      screen: this.#screen,
      host,
      state,
      listener: {
        onCommandStart: (line) => listener.onCommandStart(this, line),
        onCommand: (command: Command, text: CommandText | undefined) => {
          this.#running?.ended(command, text);
          listener.onCommand(this, command);
        },
        onCwd: (cwd) => listener.onCwd(this, cwd),
        onChange: () => {
          for (const waiting of [...this.#waits]) waiting.changed();
        },
      },
    });
  }

  /** A help only: what is not as it should be is read from the recording. */
  #restore(saved: ReturnType<ScreenCache["find"]>, events: number): void {
    if (saved === undefined || saved.events > events) return;
    try {
      const screen = Screen.fromState(saved.state);
      this.#shell.close();
      this.#screen = screen;
      this.#responder = this.#newResponder();
      this.#shell = this.#newShell(saved.finder);
      this.#applied = saved.events;
      this.#queuedTo = saved.events;
    } catch {
      const { cols, rows } = this.#held.facts;
      this.#screen = new Screen({ cols, rows });
      this.#responder = this.#newResponder();
      this.#shell = this.#newShell();
    }
  }

  #save(): void {
    const finder = this.#shell.saveState();
    if (finder === undefined || finder.events !== this.#applied) return; // in the middle of a mark: the next time
    const { recordingId } = this.#held.facts;
    const state = this.#screen.saveState();
    this.#options.cache.save({ sessionId: this.id, recordingId, events: this.#applied, state, finder });
    this.#unsavedBytes = 0;
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
  }

  #saveWhenIdle(): void {
    if (this.#saveTimer !== undefined) this.#saveTimer.refresh();
    else {
      this.#saveTimer = setTimeout(() => {
        if (!this.#isOver && this.#failure === undefined) this.#save();
      }, IDLE_SAVE_MS);
    }
  }

  // Clients.

  get #clientHost(): ClientHost {
    return {
      screen: () => ({ message: this.#screenMessage(), isHolding: this.#filter.isHolding }),
      typed: (client, bytes) => {
        this.#wasActive(client);
        this.input(bytes, client.who);
      },
      resized: (client) => this.#wasActive(client),
      left: (client) => {
        this.#clients.delete(client.clientId);
        if (this.#isOver) return;
        this.#applySizes();
        this.#tellClients();
      },
    };
  }

  #wasActive(client: AttachedClient): void {
    client.lastActive = ++this.#activity;
    this.#applySizes();
  }

  #screenMessage(): AttachMessage {
    const { cols, rows } = this.#screen;
    return { type: "screen", cols, rows, dump: this.#proofs.withoutOpenProof(this.#screen.dump()) };
  }

  /** Who only looks on does not say how large it is, unless nobody else is there. */
  #applySizes(): void {
    if (this.#session.config.keepsSize === true) return;
    const all = [...this.#clients.values()];
    const writers = all.filter(({ isReadOnly }) => !isReadOnly);
    const deciding = writers.length > 0 ? writers : all;
    const [first, ...others] = deciding;
    if (first === undefined) return;
    const { sizePolicy } = this.#options;
    if (sizePolicy === "latest") {
      const latest = others.reduce((one, other) => (other.lastActive > one.lastActive ? other : one), first);
      this.resize(latest.size);
      return;
    }
    const choose = sizePolicy === "smallest" ? Math.min : Math.max;
    this.resize({
      cols: choose(...deciding.map(({ size }) => size.cols)),
      rows: choose(...deciding.map(({ size }) => size.rows)),
    });
  }

  #tellClients(): void {
    if (this.#clients.size === 0) return;
    const { info } = this;
    for (const client of this.#clients.values()) client.told(info);
  }

  // The end.

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#queue = [];
    this.#options.listener.onProblem(error, `the session ${this.id}, which is ended`);
    this.detachAll("the session failed");
    const failed = new SessionError("T2A_SESSION_OVER", `the session ${this.name} failed and was ended`, {
      cause: error,
    });
    for (const waiting of [...this.#waits]) waiting.fail(failed);
    this.#running?.fail(failed);
    this.#tellReady();
    if (this.#end !== undefined) {
      this.#options.turns.add(this);
      return;
    }
    const { pid } = this.#held.facts;
    this.#held.signal("SIGHUP");
    this.#held.hangUp();
    this.#killTimer = setTimeout(() => killProcesses(pid), KILL_MS);
  }

  #finish(end: HeldEnd | undefined): void {
    this.#isOver = true;
    this.#options.turns.remove(this);
    // Who goes on with the session needs it until the recording is in the library: what is short is read soon enough.
    const isLong = this.#held.facts.outputBytes > SAVE_BYTES;
    if (!isLong) this.#options.cache.remove(this.id);
    else if (this.#failure === undefined && this.#isReady) this.#save();
    this.#tellReady();
    this.#tellSized();
    void this.#options.listener
      .onEnd(this, end, this.#failure?.error)
      .catch((error) => this.#options.listener.onProblem(error, `the end of the session ${this.id}`))
      .then(async () => {
        const exit = {
          type: "exit",
          exitStatus: end?.exitStatus ?? 129,
          ...(end?.signal === undefined ? {} : { signal: end.signal }),
        } as const;
        this.#isDone = true;
        const lost = { type: "detached", reason: "the process that held the terminal died" } as const;
        for (const client of [...this.#clients.values()]) client.end(end === undefined ? lost : exit);
        for (const waiting of [...this.#waits]) waiting.over(end?.exitStatus);
        this.#running?.fail(over(this.#session));
        const waits = this.#endWaits;
        this.#endWaits = [];
        for (const resolve of waits) resolve();
        await this.#free();
      });
  }

  async #free(): Promise<void> {
    clearTimeout(this.#saveTimer);
    clearTimeout(this.#killTimer);
    this.#shell.close();
    await this.#closeTail();
  }
}

function sizeOf(event: Event): number {
  return EVENT_BYTES + ("data" in event ? event.data.length : 0);
}

/** The error of what is asked of a session whose terminal is gone. */
export function over({ id, name }: Pick<Session, "id" | "name">): SessionError {
  return new SessionError(
    "T2A_SESSION_OVER",
    `the session ${name} is over: t2a session resume ${id} goes on with it, t2a play ${id} shows it`,
    { details: { id } },
  );
}
