// Regular expressions of the user's over text of anybody's: some take for ever. Each look has a bound on the text and on the time.
import { createContext, Script } from "node:vm";
import { systemCode, UsageError } from "../../core/index.js";

/** UTF-16 units of a line that are looked at. */
export const MAX_REGEX_LINE = 16 * 1024;
/** Milliseconds for one look. */
const MAX_MS = 250;

let runner: { readonly script: Script; readonly slot: { run: () => unknown } } | undefined;

/** What `look` gives. @throws UsageError where it takes longer than a bound, as it may with a pattern such as `(a+)+$`. */
export function withinTime<T>(look: () => T): T {
  if (runner === undefined) {
    const slot = createContext({ run: () => undefined }) as { run: () => unknown };
    runner = { script: new Script("run()"), slot };
  }
  runner.slot.run = look;
  try {
    // Matching is the engine's own work: nothing but ending it from outside ends it.
    return runner.script.runInContext(runner.slot, { timeout: MAX_MS }) as T;
  } catch (cause) {
    if (systemCode(cause) !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw cause;
    throw new UsageError("the regular expression takes too long: repetitions within repetitions are to be avoided", {
      cause,
    });
  } finally {
    runner.slot.run = () => undefined;
  }
}
