// The limits of the sessions of a holder: their watches are fed here, and what they decide is done here, so that limits hold while no
// daemon is there. One timer and one pass over the processes for all sessions.
import { statSync } from "node:fs";
import { customEvent, type Event } from "../../core/index.js";
import type { SessionLimits } from "../session-limits.js";
import { endProcesses } from "./end-processes.js";
import { LIMITS } from "./limit-names.js";
import { type LimitVerdict, LimitWatch } from "./limit-watch.js";
import { UsageReader } from "./usage.js";

/** How often sessions with limits are looked at, milliseconds; less often where looking takes more than a twentieth of the time. */
const TICK_MS = 200;
const MAX_TICK_MS = 500;
const MAX_SHARE = 0.05;
/** Who was hung up on has so long to end, milliseconds. */
const END_MS = 5000;

/** The code of a limit's event in a recording. */
export const LIMIT_EVENT = "t2a.limit";

/** A session that is guarded, as its holder has it. */
export interface GuardedSession {
  readonly limits: SessionLimits;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  /** Of what was started in the terminal; 0 before that. */
  readonly pid: number;
  /** Where the recording is made. */
  readonly path: string;
  /** Reads nothing of the terminal any more (true), or goes on. */
  hold(isHeld: boolean): void;
  /** Puts an event of t2a's own into the recording. */
  addCustom(code: string, data: Readonly<Record<string, string>>): void;
  /** Ends the command with this signal. */
  end(signal: NodeJS.Signals): void;
}

/** What a session's holder tells its guard. */
export interface LimitGuard {
  output(bytes: number): void;
  input(): void;
  /** The command has ended with this status. Gives what is to stand before its end in the recording. */
  exited(status: number): readonly Event[];
  /** Why the session was ended, in words; undefined where no limit did it. */
  readonly ending: string | undefined;
  /** The session is over. */
  close(): void;
}

/** All sessions of a holder that have limits which are watched. */
export class LimitGuards {
  readonly #guards = new Set<Guard>();
  readonly #reader = new UsageReader();
  readonly #now: () => number;
  #isLooking = false;

  constructor({ now = Date.now }: { readonly now?: () => number } = {}) {
    this.#now = now;
  }

  /** Guards a session until it is closed; undefined where it has no limits. */
  guard(session: GuardedSession): LimitGuard | undefined {
    if (Object.keys(session.limits).length === 0) return undefined;
    const guard = new Guard(session, this.#now, () => {
      this.#guards.delete(guard);
      this.#reader.forget(session.pid);
    });
    this.#guards.add(guard);
    if (!this.#isLooking) this.#tickLater(TICK_MS);
    return guard;
  }

  async #tick(): Promise<void> {
    const began = performance.now();
    try {
      await this.#look();
    } catch {
      // What cannot be looked at now is looked at next time: the sessions go on.
    }
    const spent = performance.now() - began;
    this.#isLooking = false;
    if (this.#guards.size > 0) this.#tickLater(Math.min(MAX_TICK_MS, Math.max(TICK_MS, spent / MAX_SHARE)));
  }

  #tickLater(ms: number): void {
    this.#isLooking = true;
    setTimeout(() => void this.#tick(), ms).unref();
  }

  async #look(): Promise<void> {
    const measured = [...this.#guards].filter(({ session, watch }) => session.pid > 0 && watch.needsUsage);
    if (measured.length > 0) {
      const usages = await this.#reader.read(measured.map(({ session }) => session.pid));
      for (const { session, watch } of measured) {
        const usage = usages.get(session.pid);
        if (usage !== undefined) watch.usage(usage);
      }
    }
    for (const guard of this.#guards) guard.tick();
  }
}

class Guard implements LimitGuard {
  readonly session: GuardedSession;
  readonly watch: LimitWatch;
  readonly #onClose: () => void;
  #holdTimer: NodeJS.Timeout | undefined;
  #endTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Told since the command has ended: there is nobody to be ended any more. */
  #last: Event[] | undefined;

  constructor(session: GuardedSession, now: () => number, onClose: () => void) {
    const { limits, startedMs } = session;
    this.session = session;
    this.#onClose = onClose;
    this.watch = new LimitWatch({ limits, startedMs, now, onVerdict: (verdict) => this.#act(verdict) });
  }

  get ending(): string | undefined {
    return this.watch.kill?.words;
  }

  output(bytes: number): void {
    if (bytes === 0) return; // events of t2a's own are no life of the session's
    const holdMs = this.watch.output(bytes);
    if (holdMs === 0 || this.#isClosed) return;
    this.session.hold(true);
    clearTimeout(this.#holdTimer);
    this.#holdTimer = setTimeout(() => this.#release(), holdMs);
  }

  input(): void {
    this.watch.input();
  }

  exited(status: number): readonly Event[] {
    this.#last = [];
    this.watch.exited(status);
    return this.#last;
  }

  tick(): void {
    if (this.#last !== undefined) return;
    this.watch.tick();
    if (this.session.limits.recordingBytes === undefined || this.session.path === "") return;
    this.watch.recording(sizeOf(this.session.path) + sizeOf(`${this.session.path}-journal`));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#holdTimer);
    clearTimeout(this.#endTimer);
    this.#onClose();
  }

  #release(): void {
    clearTimeout(this.#holdTimer);
    this.#holdTimer = undefined;
    if (!this.#isClosed) this.session.hold(false);
  }

  #act({ action, limit, used, bound, words, signal }: LimitVerdict): void {
    const told = { action, limit: LIMITS[limit].word, used: String(Math.round(used)), bound: String(bound), words };
    if (this.#last !== undefined) {
      this.#last.push(customEvent(0, LIMIT_EVENT, told));
      return;
    }
    this.session.addCustom(LIMIT_EVENT, told);
    if (action !== "kill") return;
    this.#release(); // what it has printed is to be read, or its end is not seen
    const { pid } = this.session;
    if (signal === "SIGKILL") void endProcesses(pid).catch(() => this.session.end("SIGKILL"));
    else {
      this.session.end(signal ?? "SIGHUP");
      this.#endTimer = setTimeout(() => void endProcesses(pid).catch(() => {}), END_MS).unref();
    }
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
