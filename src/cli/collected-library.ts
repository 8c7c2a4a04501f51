// The library with all in it that was recorded for it: what waits in the spool is moved into the store first.
import type { Library } from "../library/index.js";
import type { CommandContext } from "./context.js";
import { openLibrary } from "./open-library.js";
import type { StoreOption } from "./store-option.js";

/**
 * Opens a library that there is, and moves what waits for it in the spool. What cannot be moved is told of in a line, and stays there.
 * Whoever calls this closes it.
 * @throws as `openLibrary`.
 */
export async function openCollected(
  option: StoreOption,
  context: CommandContext,
  signal: AbortSignal,
): Promise<Library> {
  const { visibleText } = await import("../terminal/index.js");
  const library = await openLibrary(option, context, { mustExist: true });
  try {
    await library.collect({
      signal,
      onFailed: (id, error) => {
        const reason = visibleText(error instanceof Error ? error.message : String(error));
        context.warn(`the recording ${id} waits in the spool until it can be moved into the library: ${reason}`);
      },
    });
    return library;
  } catch (error) {
    await library.close();
    throw error;
  }
}
