// Holds a session against its limits: it is fed with what the session prints, takes and uses, and says when a limit is near, when output is
// to wait, and when the session has to end. Pure: the time is given, and what is decided is told to a listener who acts on it.
import { constants } from "node:os";
import type { SessionLimits } from "../session-limits.js";
import { formatLimit, type LimitName } from "./limit-names.js";

/** Warned of at this share of a limit. */
const WARN_SHARE = 0.8;
/** Output may come in bursts of so many seconds of its rate. */
const RATE_SECONDS = 10;
/** Output goes on once so many seconds of its rate may come at once: not byte by byte. */
const RESUME_SECONDS = 0.25;

/** What is to be done about a limit. */
export interface LimitVerdict {
  /** `warn`: it is near. `hold`: output waits from here on, now and then. `clear`: all is well again. `kill`: the session is to end. */
  readonly action: "warn" | "hold" | "clear" | "kill";
  readonly limit: LimitName;
  /** In the limit's unit. */
  readonly used: number;
  readonly bound: number;
  /** What has happened, for people and for the recording. */
  readonly words: string;
  /** Of `kill`: what to end it with. What runs away is not asked. */
  readonly signal?: "SIGHUP" | "SIGKILL" | undefined;
}

/** What a session uses, as {@link UsageReader} finds it. */
export interface LimitUsage {
  /** Since the session's start, never less than before. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  readonly processes: number;
}

/** What a watch is given. Times are milliseconds since 1970. */
export interface LimitWatchOptions {
  readonly limits: SessionLimits;
  /** When the session began. */
  readonly startedMs: number;
  /** When something was last printed or typed, where that is known of an earlier watch; `startedMs` by default. */
  readonly lastActivityMs?: number | undefined;
  readonly now: () => number;
  /** Told of each verdict once: of a `warn` or `hold` again behind a `clear`. */
  readonly onVerdict: (verdict: LimitVerdict) => void;
}

/** Limits that need `usage` to be told; none of them is measured where a session has none of these. */
const USAGE_LIMITS = ["cpuSeconds", "memoryBytes", "processes"] as const satisfies readonly LimitName[];

/** Signals by limit. A shell that is hung up on tells its jobs, and ends. */
const SIGNALS: Readonly<Partial<Record<LimitName, LimitVerdict["signal"]>>> = {
  wallSeconds: "SIGHUP",
  idleSeconds: "SIGHUP",
  recordingBytes: "SIGHUP",
  cpuSeconds: "SIGKILL",
  memoryBytes: "SIGKILL",
  processes: "SIGKILL",
};

/** Signals that the kernel itself ends a process with at a limit, as exit statuses. */
const KERNEL_ENDS: ReadonlyMap<number, "fileBytes" | "cpuSeconds"> = new Map([
  [128 + constants.signals.SIGXFSZ, "fileBytes"],
  [128 + constants.signals.SIGXCPU, "cpuSeconds"],
]);

/** One session's limits. Nothing is told any more after a `kill`. */
export class LimitWatch {
  readonly #limits: SessionLimits;
  readonly #startedMs: number;
  readonly #now: () => number;
  readonly #onVerdict: (verdict: LimitVerdict) => void;
  /** What was warned of and is not well again. */
  readonly #warnings = new Map<LimitName, string>();
  #lastActivityMs: number;
  /** Bytes that may be printed at once; less than none while output waits. */
  #tokens: number;
  #tokensMs: number;
  #isHeld = false;
  #kill: LimitVerdict | undefined;

  constructor({ limits, startedMs, lastActivityMs = startedMs, now, onVerdict }: LimitWatchOptions) {
    this.#limits = limits;
    this.#startedMs = startedMs;
    this.#lastActivityMs = lastActivityMs;
    this.#now = now;
    this.#onVerdict = onVerdict;
    this.#tokens = (limits.outputRate ?? 0) * RATE_SECONDS;
    this.#tokensMs = now();
  }

  /** Whether `usage` is to be told, some times a second. */
  get needsUsage(): boolean {
    return USAGE_LIMITS.some((name) => this.#limits[name] !== undefined);
  }

  /** Whether `tick` is to be called, about once a second. */
  get needsTicks(): boolean {
    return this.#limits.wallSeconds !== undefined || this.#limits.idleSeconds !== undefined;
  }

  /** Limits that are near, or bite, in words. */
  get warnings(): readonly string[] {
    return [...this.#warnings.values()];
  }

  /** Why the session is to end. */
  get kill(): LimitVerdict | undefined {
    return this.#kill;
  }

  /** The session printed so many bytes. Gives for how many milliseconds nothing more is to be read of its terminal: 0 mostly. */
  output(bytes: number): number {
    const now = this.#now();
    this.#lastActivityMs = now;
    const rate = this.#limits.outputRate;
    if (rate === undefined || this.#kill !== undefined) return 0;
    const burst = rate * RATE_SECONDS;
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#tokensMs) / 1000) * rate) - bytes;
    this.#tokensMs = now;
    if (this.#tokens > burst / 2) {
      this.#isHeld = false;
      this.#clear("outputRate", rate - this.#tokens / RATE_SECONDS, rate);
    }
    if (this.#tokens >= 0) {
      if (this.#tokens < burst * (1 - WARN_SHARE)) this.#warn("outputRate", rate * WARN_SHARE, rate);
      return 0;
    }
    if (!this.#isHeld) {
      this.#isHeld = true;
      const words = `output_rate: more than ${formatLimit("outputRate", rate)} was printed for ${RATE_SECONDS} s: output waits`;
      this.#warnings.set("outputRate", words);
      this.#onVerdict({ action: "hold", limit: "outputRate", used: rate, bound: rate, words });
    }
    return Math.ceil((-this.#tokens / rate + RESUME_SECONDS) * 1000);
  }

  /** Somebody typed. */
  input(): void {
    this.#lastActivityMs = this.#now();
  }

  /** The recording takes so many bytes in all. */
  recording(bytes: number): void {
    this.#hold("recordingBytes", bytes);
  }

  /** What the session uses by now. */
  usage({ cpuSeconds, memoryBytes, processes }: LimitUsage): void {
    this.#hold("processes", processes);
    this.#hold("memoryBytes", memoryBytes);
    this.#hold("cpuSeconds", cpuSeconds);
  }

  /** Time has passed. */
  tick(): void {
    const now = this.#now();
    this.#hold("wallSeconds", Math.max(0, now - this.#startedMs) / 1000);
    this.#hold("idleSeconds", Math.max(0, now - this.#lastActivityMs) / 1000);
  }

  /** The session's command has ended with this status: by the kernel, perhaps, at a limit that is the kernel's to hold. */
  exited(status: number): void {
    const limit = KERNEL_ENDS.get(status);
    const bound = limit && this.#limits[limit];
    if (limit === undefined || bound === undefined || this.#kill !== undefined) return;
    const words = `limit: ${SAID[limit]}: the kernel ended what went beyond ${formatLimit(limit, bound)}`;
    this.#kill = { action: "kill", limit, used: bound, bound, words };
    this.#warnings.set(limit, words);
    this.#onVerdict(this.#kill);
  }

  /** A number of processes, or of bytes, may be as many as the limit; a time is over when it is over. */
  #hold(limit: LimitName, used: number): void {
    const bound = this.#limits[limit];
    if (bound === undefined || this.#kill !== undefined) return;
    const isTime = limit === "wallSeconds" || limit === "idleSeconds" || limit === "cpuSeconds";
    if (isTime ? used >= bound : used > bound) {
      const words = `limit: ${describe(limit, used, bound)}: the session was ended`;
      this.#kill = { action: "kill", limit, used, bound, words, signal: SIGNALS[limit] };
      this.#warnings.set(limit, words);
      this.#onVerdict(this.#kill);
    } else if (used >= bound * WARN_SHARE) this.#warn(limit, used, bound);
    else this.#clear(limit, used, bound);
  }

  #clear(limit: LimitName, used: number, bound: number): void {
    if (!this.#warnings.delete(limit)) return;
    this.#onVerdict({ action: "clear", limit, used, bound, words: `${describe(limit, used, bound)}: well again` });
  }

  #warn(limit: LimitName, used: number, bound: number): void {
    if (this.#warnings.has(limit)) return;
    const words = `${describe(limit, used, bound)}: beyond that ${limit === "outputRate" ? "output waits" : "the session is ended"}`;
    this.#warnings.set(limit, words);
    this.#onVerdict({ action: "warn", limit, used, bound, words });
  }
}

const SAID: Readonly<Record<LimitName, string>> = {
  cpuSeconds: "CPU time",
  memoryBytes: "memory",
  processes: "processes",
  openFiles: "open files",
  fileBytes: "size of a file",
  wallSeconds: "time since its start",
  idleSeconds: "time without output and input",
  outputRate: "output",
  recordingBytes: "size of the recording",
};

/** `memory 410 MB of 512 MB`. */
function describe(limit: LimitName, used: number, bound: number): string {
  return `${SAID[limit]} ${formatLimit(limit, used)} of ${formatLimit(limit, bound)}`;
}
