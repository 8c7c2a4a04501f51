// A session in its holder: a command in a pty, recorded into the spool, and what a daemon asks of it.
import { T2rLiveWriter } from "../../../formats/index.js";
import { type Batch, type Event, type Signer, systemCode, T2aError } from "../../core/index.js";
import { openFileTarget } from "../../files/index.js";
import { type HeldSpoolEntry, Spool } from "../../library/kept.js";
import { FormatSink, lossBoundOf, type RecordResult, SessionRecorder } from "../../record/index.js";
import { parseShellCommand, startWithIntegration } from "../../shell/index.js";
import type { NewSession } from "../../store/index.js";
import type { LimitGuard, LimitGuards } from "../limits/limit-guards.js";
import { limitedCommand } from "../limits/limited-command.js";
import { AuditLog } from "./audit-log.js";
import { decodeEvents } from "./event-codec.js";
import { HeldTty } from "./held-tty.js";
import type {
  HeldEnd,
  HeldPosition,
  HeldSessionFacts,
  HeldSessionOrder,
  HolderCustomEvent,
  HolderProblem,
} from "./holder-protocol.js";
import { type ToldListener, ToldSink } from "./told-sink.js";

/** Who is told of a session. */
export interface HeldTerminalListener {
  onEvents(batch: Batch, first: number): void;
  onUnrecorded(bytes: Uint8Array): void;
  onRecordingFailed(problem: HolderProblem): void;
  /** Something that was asked for could not be done; the session goes on. */
  onProblem(problem: HolderProblem): void;
  /** Nothing follows. */
  onEnd(end: HeldEnd): void;
}

/** One session. */
export class HeldTerminal {
  readonly #order: HeldSessionOrder;
  readonly #listener: HeldTerminalListener;
  readonly #tty: HeldTty;
  readonly #audit: AuditLog | undefined;
  readonly #startedMs = Date.now();
  #recorder: SessionRecorder | undefined;
  #sink: ToldSink | undefined;
  #path = "";
  #pid = 0;
  #isAuditBroken = false;
  #recordingProblem: string | undefined;
  #guard: LimitGuard | undefined;
  #isOver = false;
  #unenforced: readonly string[] = [];
  /** Who holds output back. */
  readonly #holds = { daemon: false, limit: false };

  private constructor(order: HeldSessionOrder, listener: HeldTerminalListener) {
    const { cols, rows, auditPath } = order;
    this.#order = order;
    this.#listener = listener;
    this.#tty = new HeldTty({ cols, rows });
    this.#audit = auditPath === undefined ? undefined : new AuditLog(auditPath);
  }

  /**
   * Starts a session.
   * @throws PtyError `T2A_PTY`, StoreError where the recording cannot be made, what loading its key throws.
   */
  static async start(
    order: HeldSessionOrder,
    listener: HeldTerminalListener,
    guards?: LimitGuards,
  ): Promise<HeldTerminal> {
    const terminal = new HeldTerminal(order, listener);
    const { folder, store, session } = order.spool;
    const purpose = "recording";
    const draft = session as unknown as NewSession; // what is in the order was checked by who sends it
    const note = { purpose, recordingId: order.recordingId, store, session: draft, isManaged: true } as const;
    const entry = new Spool(folder).begin(note);
    try {
      await terminal.#start(entry);
      terminal.#watch(guards);
    } catch (error) {
      entry.remove();
      throw error;
    }
    return terminal;
  }

  get facts(): HeldSessionFacts {
    const { number, sessionId, recordingId, unenforced = [] } = this.#order;
    return {
      number,
      sessionId,
      recordingId,
      pid: this.#pid,
      ...this.#tty.size(),
      isRecording: this.#recorder?.isRecording === true,
      ...(this.#recordingProblem === undefined ? {} : { recordingProblem: this.#recordingProblem }),
      events: this.#sink?.events ?? 0,
      outputBytes: this.#recorder?.outputBytes ?? 0,
      startedMs: this.#startedMs,
      path: this.#path,
      unenforced: [...unenforced, ...this.#unenforced],
    };
  }

  /** How far its recording is. */
  position(isBehind: boolean): HeldPosition {
    return {
      events: this.#sink?.events ?? 0,
      timeNs: this.#sink?.lastTime ?? 0,
      ...this.#tty.size(),
      isBehind,
    };
  }

  input(bytes: Uint8Array, who: string): void {
    this.#guard?.input();
    this.#tty.type(bytes, who);
  }

  resize(cols: number, rows: number): void {
    if (cols > 0 && rows > 0) this.#tty.resize({ cols, rows });
  }

  signal(signal: NodeJS.Signals): void {
    this.#recorder?.kill(signal);
  }

  pauseRecording(): void {
    this.#recorder?.pause();
  }

  resumeRecording(): void {
    void this.#recorder?.resume();
  }

  mark(label: string): void {
    this.#recorder?.mark(label);
  }

  addCustom({ code, data }: HolderCustomEvent): void {
    this.#recorder?.addCustom(code, data);
  }

  hold(isHeld: boolean): void {
    this.#hold("daemon", isHeld);
  }

  hangUp(): void {
    this.#recorder?.hangUp();
  }

  /** Ends the command with this signal, and with stronger ones where it does not end. */
  end(signal: NodeJS.Signals): void {
    this.#recorder?.end(signal);
  }

  #hold(who: "daemon" | "limit", isHeld: boolean): void {
    this.#holds[who] = isHeld;
    this.#recorder?.hold(this.#holds.daemon || this.#holds.limit);
  }

  /** From here on its limits are watched. */
  #watch(guards: LimitGuards | undefined): void {
    if (this.#isOver) return;
    this.#guard = guards?.guard({
      limits: this.#order.limits,
      startedMs: this.#startedMs,
      pid: this.#pid,
      path: this.#path,
      hold: (isHeld) => this.#hold("limit", isHeld),
      addCustom: (code, data) => this.addCustom({ code, data }),
      end: (signal) => this.end(signal),
    });
  }

  /** Comes back when the command runs; what follows goes to the listener. */
  async #start(entry: HeldSpoolEntry): Promise<void> {
    const { env, termType, shell, beginning, recordingId, sync, signKey } = this.#order;
    const whole = { ...env, TERM: termType };
    const parsed = shell && parseShellCommand(shell.command, shell.shell);
    const marking = parsed && startWithIntegration(parsed, whole, { variables: shell?.variables });
    const first = beginning === undefined ? [] : decodeEvents(Buffer.from(beginning, "base64"));
    const limited = limitedCommand(
      { file: marking?.file ?? this.#order.file, args: marking?.args ?? this.#order.args, cwd: this.#order.cwd },
      this.#order.limits,
      { env: whole },
    );
    this.#unenforced = limited.unenforced;
    const told: ToldListener = {
      onEvents: (batch, number) => {
        this.#guard?.output(batch.reduce(addOutput, 0));
        this.#listener.onEvents(batch, number);
      },
      onUnrecorded: (bytes) => {
        this.#guard?.output(bytes.length);
        this.#listener.onUnrecorded(bytes);
      },
    };
    const signer = signKey === undefined ? undefined : await keyIn(signKey);
    const target = openFileTarget(entry.path, { mode: "live" });
    const writer = new T2rLiveWriter(target, { live: true, synced: sync !== "none", signer });
    this.#path = entry.path;
    const started = new Promise<void>((resolve, reject) => {
      const recorder = new SessionRecorder({
        ...this.#order,
        file: limited.file,
        args: limited.args,
        shell: marking,
        env: whole,
        tty: this.#tty,
        createSinks: (header) => {
          this.#sink = new ToldSink(FormatSink.start(writer, target, header, sync), told);
          return [this.#sink];
        },
        id: recordingId,
        beginning: first,
        lossBound: lossBoundOf(sync),
        readBack: async () => {
          const { readBack } = await import("./read-back.js"); // all that can read recordings, which most sessions never need
          return await readBack(entry.path);
        },
        probeTimeoutMs: 0, // there are no colours to ask for: whoever attaches has their own
        endOn: [],
        ending: ({ exitStatus }) => this.#guard?.exited(exitStatus) ?? [],
        onStart: (pid) => {
          this.#pid = pid;
          resolve();
        },
        onTyped: this.#audit && ((bytes, who = "") => this.#note(bytes, who)),
        onUnrecorded: (bytes) => this.#sink?.unrecorded(bytes),
        onSinkError: ({ error }) => {
          const problem = problemOf(error);
          this.#recordingProblem = problem.message;
          this.#listener.onRecordingFailed(problem);
        },
      });
      this.#recorder = recorder;
      const ended = recorder.run();
      ended.then(
        (result) => {
          entry.release();
          this.#end(result);
        },
        async (error: unknown) => {
          reject(error); // nothing where it ran
          await target.abort();
          if (this.#pid === 0) return;
          entry.release();
          this.#end({ exitStatus: 1, durationNanos: 0, sinkErrors: [{ error }], pauseErrors: [] });
        },
      );
    });
    await started;
  }

  /** What was typed is typed even where it cannot be noted: who sits at a full disk has to be able to empty it. */
  #note(bytes: Uint8Array, who: string): void {
    try {
      this.#audit?.note(bytes, who);
      this.#isAuditBroken = false;
    } catch (error) {
      if (this.#isAuditBroken) return;
      this.#isAuditBroken = true;
      const message = `what is typed cannot be noted in ${this.#order.auditPath}: ${systemCode(error) ?? String(error)}`;
      this.#listener.onProblem({ code: "T2A_FILE_IO", message });
    }
  }

  #end({
    exitStatus,
    signal,
    durationNanos,
    sinkErrors,
    pauseErrors,
  }: Pick<RecordResult, "exitStatus" | "signal" | "durationNanos" | "pauseErrors"> & {
    readonly sinkErrors: readonly { readonly error: unknown }[];
  }): void {
    this.#isOver = true;
    this.#audit?.close();
    this.#guard?.close();
    const limit = this.#guard?.ending;
    const { sessionId, recordingId } = this.#order;
    const problems = [...sinkErrors.map(({ error }) => error), ...pauseErrors].map((error) => problemOf(error).message);
    this.#listener.onEnd({
      sessionId,
      recordingId,
      exitStatus,
      ...(signal === undefined ? {} : { signal }),
      durationNs: durationNanos,
      events: this.#sink?.events ?? 0,
      problems,
      ...(limit === undefined ? {} : { limit }),
    });
  }
}

/** @throws what `loadKey` throws. */
async function keyIn(path: string): Promise<Signer> {
  const { loadKey } = await import("../../security/index.js"); // most sessions are not signed
  return loadKey(path);
}

/** Bytes of output. */
function addOutput(sum: number, event: Event): number {
  return event.kind === "output" ? sum + event.data.length : sum;
}

/** An error as it crosses to the daemon. */
export function problemOf(error: unknown): HolderProblem {
  if (error instanceof T2aError) return { code: error.code, message: error.message };
  return { code: "T2A_HOLDER", message: error instanceof Error ? error.message : String(error) };
}
