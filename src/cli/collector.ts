// Moving recordings from the spool into the store while one waits.
import { statSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { FinalizeOptions, FinalizeResult, Library } from "../library/index.js";
import type { Spool } from "../library/kept.js";
import type { CommandContext } from "./context.js";
import { onInterruption } from "./interruption.js";
import { openLibrary } from "./open-library.js";
import { Progress } from "./progress.js";
import { prunePolicyOf } from "./prune-policy.js";
import type { StoreOption } from "./store-option.js";

/** How often another process's work is looked at, and how many times; milliseconds. */
const TRY_MS = 50;
const MAX_TRIES = 200;

/** How to collect while one waits. */
export interface CollectNowOptions {
  /** Say nothing but what went wrong. */
  readonly isQuiet?: boolean;
  /** A recording stays in the spool: it was told. */
  readonly onFailed?: () => void;
}

/**
 * Opens the library and collects, as `tendLibrary`. What fails is told in a line and leaves the recording in the spool, whole.
 * False where something did.
 */
export async function collectNow(
  option: StoreOption,
  options: CollectNowOptions,
  context: CommandContext,
): Promise<boolean> {
  let isDone = true;
  const onFailed = () => {
    isDone = false;
  };
  try {
    const library = await openLibrary(option, context);
    try {
      await tendLibrary(library, { ...options, onFailed }, context);
    } finally {
      await library.close();
    }
  } catch (error) {
    onFailed();
    await tellWaiting(error, context);
  }
  return isDone;
}

/**
 * Brings a library in order: moves what is in the spool, indexes what is not, empties the trash of what has had its time, and applies
 * the policy of the settings. What fails is told in a line. False where a signal ended it: the exit status is set.
 */
export async function tendLibrary(
  library: Library,
  { isQuiet = false, onFailed }: CollectNowOptions,
  context: CommandContext,
): Promise<boolean> {
  const interruption = onInterruption();
  const { signal } = interruption;
  try {
    await library.collect({
      signal,
      finalize: (path, options) => finalize(path, options, isQuiet, context),
      isThreaded: true,
      onFailed: (_, error) => {
        onFailed?.();
        void tellWaiting(error, context);
      },
    });
    await tellStrays(library.spool, context);
    // What another process is at is nearly done: who asks for all of it wants that, too.
    for (let tries = 0; library.isCollectedElsewhere && tries < MAX_TRIES; tries++) {
      await setTimeout(TRY_MS, undefined, { signal });
    }
    const { values } = await context.settings();
    await library.tend({ policy: prunePolicyOf(values), signal });
    return true;
  } catch (error) {
    if (interruption.status === undefined) throw error;
    context.exit(interruption.status);
    return false;
  } finally {
    interruption.release();
  }
}

/** In a thread where somebody watches a bar, or where it is long. */
async function finalize(
  path: string,
  options: FinalizeOptions,
  isQuiet: boolean,
  context: CommandContext,
): Promise<FinalizeResult> {
  const { finalizeInWorker, finalizeT2r, LONG_PACKED_BYTES } = await import("../library/index.js");
  const isWatched = !isQuiet && context.io.stderr.isTTY === true;
  if (!isWatched && statSync(path).size < LONG_PACKED_BYTES) return await finalizeT2r(path, options);
  const progress = new Progress(context, isQuiet);
  try {
    return await finalizeInWorker(path, {
      ...options,
      program: new URL("finalize-worker.js", context.io.programs),
      onProgress: ({ done, total }) => progress.update(done, total),
    });
  } finally {
    progress.stop();
  }
}

/** Nothing moves them, and nothing else would say so. */
async function tellStrays(spool: Spool, context: CommandContext): Promise<void> {
  for (const path of spool.strays()) {
    const { visibleText } = await import("../terminal/index.js");
    context.warn(`nothing says which library the recording ${visibleText(path)} is for: t2a library add takes it in`);
  }
}

async function tellWaiting(error: unknown, context: CommandContext): Promise<void> {
  const { visibleText } = await import("../terminal/index.js");
  const reason = error instanceof Error ? error.message : String(error);
  context.warn(
    `the recording is whole, and waits in the spool until it can be moved into the library: ${visibleText(reason)}`,
  );
}
