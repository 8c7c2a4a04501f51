// Waiting for something to happen in a live session.
import { SessionError } from "../../core/index.js";
import { OutputText } from "../../terminal/index.js";
import type { WaitConditions, WaitResult } from "../session-manager.js";
import { BoundedPattern } from "./bounded-pattern.js";

/** What was printed since the call and is looked at, UTF-16 units; behind each look so much stays, for what goes over lines. */
const MAX_WINDOW_UNITS = 256 * 1024;
const KEPT_UNITS = 16 * 1024;
const MAX_MATCH_UNITS = 4096;
/** Text is looked at so often at most, milliseconds. */
const LOOK_MS = 20;

/** What is looked at. */
export interface WaitedFor {
  readonly cols: number;
  readonly rows: number;
  /** What the screen shows: row by row, and, where some rows were wrapped, line by line. */
  texts(): readonly string[];
  readonly isAtPrompt: boolean | undefined;
}

/** One wait. It ends by itself; `end` makes it do so. */
export class Waiting {
  readonly result: Promise<WaitResult>;
  readonly #conditions: WaitConditions;
  readonly #session: WaitedFor;
  readonly #pattern: BoundedPattern | undefined;
  readonly #output: OutputText | undefined;
  #window = "";
  #resolve: (result: WaitResult) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  readonly #onOver: (waiting: Waiting) => void;
  #timeout: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  readonly #signal: AbortSignal | undefined;
  /** It has come to something. */
  isOver = false;

  /** @throws UsageError where the text is no regular expression. */
  constructor(
    conditions: WaitConditions,
    session: WaitedFor,
    onOver: (waiting: Waiting) => void,
    signal: AbortSignal | undefined,
  ) {
    this.#conditions = conditions;
    this.#session = session;
    this.#onOver = onOver;
    this.#signal = signal;
    if (conditions.text !== undefined) {
      const { cols, rows } = session;
      this.#pattern = new BoundedPattern(conditions.text);
      this.#output = new OutputText({ cols, rows, onLine: (line) => this.#line(line) });
    }
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.result.catch(() => undefined); // whoever waits is told; nobody may be there any more
    const { timeoutMs } = conditions;
    if (timeoutMs !== undefined) this.#timeout = setTimeout(() => this.#end({ reason: "timeout" }), timeoutMs);
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) this.#onAbort();
    this.#restartIdle();
    this.#find();
    this.changed();
  }

  output(bytes: Uint8Array): void {
    this.#restartIdle();
    if (this.#output === undefined) return;
    this.#output.feed(bytes);
    this.#look ??= setTimeout(() => {
      this.#look = undefined;
      this.#find();
    }, LOOK_MS);
  }

  resized(cols: number, rows: number): void {
    this.#output?.resize(cols, rows);
  }

  /** The shell may be at its prompt. */
  changed(): void {
    if (this.#conditions.prompt === true && this.#session.isAtPrompt === true) this.#end({ reason: "prompt" });
  }

  /** The session is over. */
  over(exitStatus: number | undefined): void {
    this.#find();
    const status = exitStatus === undefined ? {} : { exitStatus };
    this.#end({ reason: this.#conditions.exit === true ? "exit" : "ended", ...status });
  }

  fail(error: unknown): void {
    this.#stop();
    this.#reject(error);
  }

  readonly #onAbort = (): void => this.fail(this.#signal?.reason ?? new SessionError("T2A_ABORTED", "cancelled"));

  #line(line: string): void {
    this.#window += `${line}\n`;
    // A flood between two looks: its beginning is looked at before it goes.
    if (this.#window.length > MAX_WINDOW_UNITS) this.#findInWindow();
  }

  #find(): void {
    if (this.#pattern === undefined || this.#findInWindow()) return;
    try {
      for (const text of this.#session.texts()) {
        const match = this.#pattern.find(text);
        if (match === undefined) continue;
        this.#found(match);
        return;
      }
    } catch (error) {
      this.fail(error);
    }
  }

  #findInWindow(): boolean {
    try {
      const match = this.#window === "" ? undefined : this.#pattern?.find(this.#window);
      this.#window = this.#window.slice(-KEPT_UNITS);
      if (match !== undefined) this.#found(match);
      return match !== undefined;
    } catch (error) {
      this.fail(error);
      return true;
    }
  }

  #found(match: string): void {
    this.#end({ reason: "text", match: match.slice(0, MAX_MATCH_UNITS) });
  }

  #restartIdle(): void {
    const { idleMs } = this.#conditions;
    if (idleMs === undefined) return;
    if (this.#idle !== undefined) this.#idle.refresh();
    else this.#idle = setTimeout(() => this.#end({ reason: "idle" }), idleMs);
  }

  #end(result: WaitResult): void {
    this.#stop();
    this.#resolve(result);
  }

  #stop(): void {
    this.isOver = true;
    clearTimeout(this.#timeout);
    clearTimeout(this.#idle);
    clearTimeout(this.#look);
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#onOver(this);
  }
}
