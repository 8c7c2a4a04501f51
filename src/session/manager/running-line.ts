// A line that was typed into a session's shell, until its commands have ended.
import type { Command, CommandText } from "../../analyze/index.js";
import { SessionError } from "../../core/index.js";
import type { RunResult } from "../session-manager.js";
import type { ShellWatch } from "./shell-watch.js";

/** What is kept of what it prints, UTF-16 units. */
const MAX_OUTPUT_UNITS = 1_000_000;
/** A prompt that comes again without any command: nothing was run, once nothing has followed for so long. Milliseconds. */
const NOTHING_MS = 300;

/** One line that runs. */
export class RunningLine {
  readonly result: Promise<RunResult>;
  readonly #line: string;
  readonly #shell: ShellWatch;
  readonly #depth: number;
  readonly #prompts: number;
  readonly #text: { release(): void };
  readonly #ended: { readonly command: Command; readonly text: CommandText | undefined }[] = [];
  readonly #onOver: () => void;
  readonly #signal: AbortSignal | undefined;
  #nothing: NodeJS.Timeout | undefined;
  #resolve: (result: RunResult) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(line: string, shell: ShellWatch, onOver: () => void, signal: AbortSignal | undefined) {
    this.#line = line;
    this.#shell = shell;
    this.#depth = shell.depth;
    this.#prompts = shell.prompts;
    this.#onOver = onOver;
    this.#signal = signal;
    this.#text = shell.wantText(MAX_OUTPUT_UNITS);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.result.catch(() => undefined);
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) this.#onAbort();
  }

  /** What is typed. Several lines are pasted, where the shell knows what that is. */
  typed(isBracketed: boolean): Uint8Array {
    const line = this.#line.replace(/\r?\n/g, isBracketed ? "\n" : "\r");
    // What would end the pasting is no part of a command.
    const pasted = `\x1b[200~${line.replaceAll("\x1b[201~", "")}\x1b[201~`;
    return Buffer.from(`${isBracketed && line.includes("\n") ? pasted : line}\r`, "utf8");
  }

  ended(command: Command, text: CommandText | undefined): void {
    if (command.depth === this.#depth) this.#ended.push({ command, text });
  }

  /** What was there is taken. */
  look(): void {
    if (this.#shell.isAtPrompt !== true || this.#shell.prompts === this.#prompts) return;
    if (this.#ended.length > 0) this.#done();
    else this.#nothing ??= setTimeout(() => this.#shell.isAtPrompt === true && this.#done(), NOTHING_MS);
  }

  fail(error: unknown): void {
    // A shell that ended with its command has told of that.
    if (this.#ended.length > 0) {
      this.#done();
      return;
    }
    this.#stop();
    this.#reject(error);
  }

  readonly #onAbort = (): void => this.fail(this.#signal?.reason ?? new SessionError("T2A_ABORTED", "cancelled"));

  #done(): void {
    this.#stop();
    this.#resolve({
      line: this.#line,
      exitStatus: this.#ended.at(-1)?.command.exitStatus,
      durationNs: this.#ended.reduce((sum, { command }) => sum + (command.duration ?? 0), 0),
      output: this.#ended.map(({ text }) => text?.text ?? "").join("\n"),
      isCut: this.#ended.some(({ text }) => text?.isCut === true),
    });
  }

  #stop(): void {
    clearTimeout(this.#nothing);
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#text.release();
    this.#onOver();
  }
}
