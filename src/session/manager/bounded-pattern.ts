// A user's regular expression, tried within a bound of time: one that backtracks without end must not keep every session waiting.
import { type Context, createContext, Script } from "node:vm";
import { UsageError } from "../../core/index.js";

/** Milliseconds a single try may take. */
const TRY_MS = 100;
const MAX_PATTERN_UNITS = 4096;

let shared: { readonly context: Context; readonly script: Script } | undefined;

/** A regular expression with the flags `mu`. */
export class BoundedPattern {
  readonly #regex: RegExp;

  /** @throws UsageError where it is none, or too long. */
  constructor(source: string) {
    if (source === "") throw new UsageError("there is nothing to wait for: the pattern is empty");
    if (source.length > MAX_PATTERN_UNITS) throw new UsageError("the pattern is longer than 4,096 characters");
    try {
      this.#regex = new RegExp(source, "mu");
    } catch (error) {
      const reason = error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /s, "") : String(error);
      throw new UsageError(`not a regular expression: ${reason}`, { cause: error });
    }
  }

  /** What matches first; undefined where nothing does. @throws UsageError where it takes too long. */
  find(text: string): string | undefined {
    shared ??= { context: createContext(Object.create(null)), script: new Script("pattern.exec(text)?.[0]") };
    const { context, script } = shared;
    context.pattern = this.#regex;
    context.text = text;
    try {
      return script.runInContext(context, { timeout: TRY_MS });
    } catch (error) {
      throw new UsageError("the pattern takes too long on what the session prints: make it simpler", { cause: error });
    } finally {
      context.text = "";
    }
  }
}
