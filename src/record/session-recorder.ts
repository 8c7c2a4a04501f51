// Records one command in a terminal: pty -> events -> sinks -> the user's terminal, in this order, so that whatever was
// seen is recorded. Composed of a clock (TimingRecorder), the sinks (EventRecorder) and what the recording says of itself
// (MetadataRecorder).
import { customEvent, type Event, type EventMeta, type Header, retimed, WHO_META } from "../core/index.js";
import { bootId } from "../files/index.js";
import { type Pty, type PtyExit, spawnPty, type TtySize, type UserTty } from "../pty/index.js";
import { ChildEnd } from "./child-end.js";
import { Display } from "./display.js";
import { EventRecorder } from "./event-recorder.js";
import { FlowControl } from "./flow-control.js";
import { FullScreenWatch } from "./full-screen-watch.js";
import { type HotKeyAction, HotKeys } from "./hot-keys.js";
import { InputMask } from "./input-mask.js";
import { MarkVerifier } from "./mark-verifier.js";
import { MetadataRecorder, wallClock } from "./metadata-recorder.js";
import { OutputRing } from "./output-ring.js";
import { PauseScreen, type ReadBack } from "./pause-screen.js";
import type { RecordOptions, RecordResult } from "./record-options.js";
import { PROBE_TIMEOUT_MS, TerminalProbe } from "./terminal-probe.js";
import { TimingRecorder } from "./timing-recorder.js";

/** A pause under way. */
interface Pause {
  readonly screen: PauseScreen;
  /** When it began. */
  readonly wall: bigint;
  /** Set once it is being ended. */
  ending?: Promise<void>;
}

const ENDING_SIGNALS: readonly NodeJS.Signals[] = ["SIGHUP", "SIGTERM", "SIGINT", "SIGQUIT"];
/** TERM where the caller has none: what nearly every terminal of today understands. */
const DEFAULT_TERM = "xterm-256color";
/** How long a terminal that takes nothing any more is waited for when somebody ends us, milliseconds. */
const ENDED_STALL_MS = 200;
/** The same for the reader of a recording, who may be at the other end of a slow connection. */
const ENDED_SINK_STALL_MS = 500;
/** Full reset: a dump is meant for a fresh screen. */
const RESET = Uint8Array.of(0x1b, 0x63);

/** Records one command. Use {@link record} unless the recording is to be steered from outside. */
export class SessionRecorder {
  readonly timing: TimingRecorder;
  readonly events: EventRecorder;
  readonly metadata: MetadataRecorder;
  readonly #options: RecordOptions;
  readonly #tty: UserTty;
  readonly #display: Display;
  readonly #keys: HotKeys;
  readonly #mask = new InputMask();
  readonly #probe: TerminalProbe | undefined;
  readonly #ring: OutputRing | undefined;
  readonly #fullScreen: FullScreenWatch | undefined;
  readonly #marks: MarkVerifier | undefined;
  readonly #pauseErrors: unknown[] = [];
  #child: { readonly pty: Pty; readonly flow: FlowControl; readonly end: ChildEnd } | undefined;
  #pause: Pause | undefined;
  #size: TtySize;
  /** The size that playback knows of. */
  #recordedSize: TtySize;
  #endAsked: NodeJS.Signals | undefined;
  #outputBytes = 0;

  constructor(options: RecordOptions) {
    const { append, clock, keys = {}, tty } = options;
    this.#options = options;
    this.#tty = tty;
    this.timing = new TimingRecorder(clock, append?.lastTime);
    this.metadata = new MetadataRecorder({ ...options, id: append === undefined ? options.id : append.id });
    this.#display = new Display(tty, (full) => this.#child?.flow.set("terminal", full));
    this.events = new EventRecorder({
      onSinkError: options.onSinkError,
      onWritten: () => this.#display.flush(),
      onBusy: (busy) => this.#child?.flow.set("sink", busy),
    });
    this.#keys = new HotKeys(keys);
    this.#probe = options.probeTimeoutMs === 0 ? undefined : new TerminalProbe();
    this.#ring = options.readBack === undefined && keys.pause !== undefined ? new OutputRing() : undefined;
    this.#fullScreen = options.onPause === undefined ? undefined : new FullScreenWatch();
    this.#marks = options.shell === undefined ? undefined : new MarkVerifier(options.shell.nonce);
    this.#size = tty.size();
    this.#recordedSize = this.#size;
  }

  /**
   * Starts the command, records it, and gives the terminal back when it has ended. Call it once.
   * @throws PtyError `T2A_PTY` where the command cannot be started, `T2A_TTY`; what `createSinks` throws.
   */
  async run(): Promise<RecordResult> {
    const { endOn = ENDING_SIGNALS, signal } = this.#options;
    const onSignal = (name: NodeJS.Signals): void => this.end(name);
    const onAbort = (): void => this.end("SIGTERM");
    for (const name of endOn) process.on(name, onSignal);
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
    this.#listen();
    try {
      this.#tty.start();
      const result = await this.#record();
      this.#options.onEnd?.(result);
      return result;
    } finally {
      this.#options.shell?.remove();
      await this.#tty.close(this.#endAsked === undefined ? undefined : ENDED_STALL_MS);
      for (const name of endOn) process.off(name, onSignal);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Ends the child with a signal, and with stronger ones where it does not end; the recording is then finished. */
  end(signal: NodeJS.Signals): void {
    this.#endAsked = signal;
    this.#probe?.stop();
    this.#child?.end.begin(signal);
    this.events.stopWaiting(ENDED_SINK_STALL_MS);
    // A terminal that takes nothing must not keep the child's last output, and with it the end, waiting.
    this.#display.stopWaiting();
  }

  /** Sets a marker. Nothing while recording is paused. */
  mark(label = ""): void {
    if (this.#child !== undefined && this.#pause === undefined) {
      this.events.add({ kind: "marker", time: this.timing.now(), label });
    }
  }

  /** Puts an event of t2a's own into the recording. Nothing while recording is paused. */
  addCustom(code: string, value: unknown): void {
    if (this.#child !== undefined && this.#pause === undefined) {
      this.events.add(customEvent(this.timing.now(), code, value));
    }
  }

  /** Whether output is recorded: it is not paused, and a sink is left. */
  get isRecording(): boolean {
    return this.#pause === undefined && this.events.recording;
  }

  /** What the child wrote so far, paused or not, bytes. */
  get outputBytes(): number {
    return this.#outputBytes;
  }

  /** Sends a signal to the child, its process group and what runs in its foreground; nothing more, unlike {@link end}. */
  kill(signal: NodeJS.Signals): void {
    this.#child?.pty.kill(signal);
  }

  /** Reads none of the child's output any more, so that it has to wait, or goes on. */
  hold(isHeld: boolean): void {
    this.#child?.flow.set("asked", isHeld);
  }

  /** Closes the child's terminal at once: what was not read is lost, and the kernel hangs up on it. */
  hangUp(): void {
    this.#child?.pty.close();
  }

  /** Pauses recording: the clock stands still, and output is shown only. */
  pause(): void {
    if (this.#child === undefined || this.#pause !== undefined || !this.events.recording) return;
    this.events.flush();
    this.timing.pause();
    const screen = new PauseScreen({
      createScreen: this.#options.createScreen ?? createScreen,
      readBack: this.#options.readBack ?? (() => this.#readRing()),
      onFull: (full) => this.#child?.flow.set("screen", full),
    });
    this.#pause = { screen, wall: wallClock() };
    this.#tellPause(true);
  }

  /** Goes on recording, with the screen as it stands now. */
  async resume(): Promise<void> {
    const pause = this.#pause;
    if (pause === undefined) return;
    pause.ending ??= this.#resume(pause);
    await pause.ending;
  }

  #listen(): void {
    this.#tty.onInput((bytes, who) => this.#onTyped(this.#probe === undefined ? bytes : this.#probe.feed(bytes), who));
    this.#tty.onResize((size) => this.#onResize(size));
    this.#tty.onHangup(() => this.end("SIGHUP"));
  }

  async #record(): Promise<RecordResult> {
    const { env, probeTimeoutMs = PROBE_TIMEOUT_MS } = this.#options;
    const answers = await this.#probe?.run((bytes) => this.#tty.write(bytes), probeTimeoutMs);
    const termType = env.TERM || DEFAULT_TERM;
    this.#size = this.#tty.size();
    this.#recordedSize = this.#size;
    const pty = this.#spawn(termType);
    const exited = new Promise<PtyExit>((resolve) => {
      pty.onExit(resolve);
      const end = new ChildEnd(pty, () => resolve({ status: 137, signal: "SIGKILL" }));
      this.#child = { pty, flow: new FlowControl(pty), end };
    });
    this.timing.restart();
    const header = this.metadata.header({ ...this.#size, ...answers, termType });
    this.#openSinks(header, pty);
    this.#options.onStart?.(pty.pid);
    pty.onData((bytes) => this.#onOutput(bytes));
    this.#onTyped(this.#probe?.typedAhead() ?? EMPTY);
    if (this.#endAsked !== undefined) this.end(this.#endAsked);
    const exit = await exited;
    const durationNanos = await this.#finish(exit);
    return {
      exitStatus: exit.status,
      ...(exit.signal === undefined ? {} : { signal: exit.signal }),
      durationNanos,
      outputBytes: this.#outputBytes,
      sinkErrors: this.events.errors,
      pauseErrors: this.#pauseErrors,
      header,
    };
  }

  #spawn(name: string): Pty {
    const { file, args, cwd, env, shell } = this.#options;
    const id = this.metadata.id;
    const own = { T2A_RECORDING: id, T2A_REC: "1", ASCIINEMA_REC: "1", ASCIINEMA_SESSION: id };
    return spawnPty({ file, args, cwd, env: { ...env, ...own, ...shell?.env }, name, ...this.#size });
  }

  #openSinks(header: Header, pty: Pty): void {
    try {
      for (const sink of this.#options.createSinks(header)) this.events.addSink(sink);
    } catch (error) {
      pty.kill("SIGKILL");
      pty.close();
      throw error;
    }
    const { append, beginning = [] } = this.#options;
    for (const event of beginning) this.events.add(retimed(event, append?.lastTime ?? 0));
    if (append === undefined) return;
    const time = this.timing.now();
    this.events.add({ kind: "resize", time, ...this.#size });
    this.events.add(customEvent(time, "t2a.anchor", { wall: String(wallClock()), bootId: bootId() }));
  }

  /** Gives the time of the end, which a pause that is just being ended may put off. */
  async #finish({ status, signal }: PtyExit): Promise<number> {
    this.#child?.end.cancel();
    await this.#pause?.ending;
    this.#pause?.screen.discard();
    const time = this.timing.now();
    const ending = this.#options.ending?.({ exitStatus: status, signal, timeNs: time }) ?? [];
    for (const event of ending) this.events.add(retimed(event, time));
    this.events.add({ kind: "exit", time, status });
    await this.events.close();
    return time;
  }

  #onOutput(bytes: Uint8Array): void {
    this.#outputBytes += bytes.length;
    this.#display.add(bytes);
    this.#fullScreen?.feed(bytes);
    const events = this.#eventsOf(bytes);
    if (!this.isRecording) this.#options.onUnrecorded?.(bytes);
    if (this.#pause === undefined) {
      this.#ring?.push(bytes);
      for (const event of events) this.events.add(event);
    } else {
      this.#pause.screen.feed(bytes);
      this.events.schedule();
    }
  }

  /** Also while paused: a mark that passed then proves nothing when it is printed again. */
  #eventsOf(data: Uint8Array): readonly Event[] {
    const time = this.timing.now();
    if (this.#marks === undefined) return [{ kind: "output", time, data }];
    const hadProof = this.#marks.hasProof;
    const events = this.#marks.events(data, time);
    if (!hadProof && this.#marks.hasProof) this.#options.shell?.remove();
    return events;
  }

  #onTyped(bytes: Uint8Array, who?: string): void {
    for (const piece of this.#keys.split(bytes)) {
      if (typeof piece === "string") this.#act(piece);
      else this.#type(piece, who);
    }
  }

  #act(action: HotKeyAction): void {
    if (action === "marker") this.mark();
    else if (this.#pause === undefined) this.pause();
    else void this.resume();
  }

  #type(bytes: Uint8Array, who: string | undefined): void {
    const pty = this.#child?.pty;
    if (pty === undefined || bytes.length === 0) return;
    const { captureInput, onTyped } = this.#options;
    const isCaptured = captureInput === true && this.#pause === undefined;
    if (isCaptured || onTyped !== undefined) {
      const time = this.timing.now();
      for (const data of this.#mask.apply(bytes, pty.flags())) {
        onTyped?.(data, who);
        if (isCaptured)
          this.events.add({ kind: "input", time, data, ...(who === undefined ? {} : { meta: typedBy(who) }) });
      }
    }
    pty.write(bytes);
  }

  #onResize(size: TtySize): void {
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return;
    this.#size = size;
    if (this.#child === undefined) return;
    this.#child.pty.resize(size.cols, size.rows);
    if (this.#pause === undefined) this.#recordSize();
    else this.#pause.screen.resize(size);
  }

  #recordSize(): void {
    this.#recordedSize = this.#size;
    this.events.add({ kind: "resize", time: this.timing.now(), ...this.#size });
  }

  async #resume(pause: Pause): Promise<void> {
    // What comes after the dump must be recorded after it: nothing is read until it is there.
    this.#child?.flow.set("dump", true);
    const dump = await pause.screen.dump().catch((error: unknown) => {
      this.#pauseErrors.push(error);
      return undefined;
    });
    this.#pause = undefined;
    this.timing.resume();
    const { cols, rows } = this.#recordedSize;
    if (cols !== this.#size.cols || rows !== this.#size.rows) this.#recordSize();
    const time = this.timing.now();
    // Without a screen playback goes on from where it was, which repaints itself sooner or later.
    if (dump !== undefined) {
      const data = Buffer.concat([RESET, dump]);
      this.#ring?.push(data);
      this.events.add({ kind: "output", time, data });
    }
    this.events.add(customEvent(time, "t2a.pause", { gap: String(wallClock() - pause.wall) }));
    this.#child?.flow.set("dump", false);
    this.#tellPause(false);
  }

  #tellPause(paused: boolean): void {
    this.#options.onPause?.(paused, this.#fullScreen?.on === true);
  }

  /** The last output as a recording, where the file cannot be read back. */
  async #readRing(): ReturnType<ReadBack> {
    const chunks = this.#ring?.chunks() ?? [];
    const batch = chunks.map((data) => ({ kind: "output", time: 0, data }) as const);
    async function* batches() {
      yield batch;
    }
    return { header: this.#recordedSize, batches: batches(), close: async () => {} };
  }
}

/** Records one command; see {@link SessionRecorder.run}. */
export function record(options: RecordOptions): Promise<RecordResult> {
  return new SessionRecorder(options).run();
}

function typedBy(who: string): EventMeta {
  return Object.freeze({ [WHO_META]: who });
}

/** Loads the terminal engine only now: a recording that is never paused does without. */
async function createScreen(size: TtySize) {
  const { Screen } = await import("../terminal/index.js");
  return new Screen(size);
}

const EMPTY = new Uint8Array(0);
