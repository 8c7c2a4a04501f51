// Searching a recording for text it showed: its text index, from the user's cache or built now and kept for the next time.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Recording } from "../core/index.js";
import type { TextCache, TextIndex, TextIndexOptions } from "../play/index.js";
import type { CommandContext } from "./context.js";
import { type InputOptions, openInput } from "./input.js";

/** How a recording is opened for searching. */
export interface TextSearchOptions extends Omit<TextIndexOptions, "signal"> {
  /** Neither reads nor fills the cache where it is false. */
  readonly cache?: boolean | undefined;
  /** Opens the recording from its start, where that is not what `openInput` does. Called at most once. */
  readonly open?: (() => Promise<Recording>) | undefined;
}

/** A text index that is being built, or that is there. */
export interface OpenedTextSearch {
  readonly search: TextIndex;
  /** Ends the building; waits until a complete index is kept. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens what a command line names for searching; reading goes on in the background.
 * @throws what opening the recording throws; what reading it throws comes with the searches.
 */
export async function openTextSearch(
  file: string,
  input: InputOptions,
  context: CommandContext,
  { cache: isCaching = true, open = () => openInput(file, input, context), ...build }: TextSearchOptions = {},
): Promise<OpenedTextSearch> {
  const { TextIndex } = await import("../play/index.js");
  const cache = isCaching ? await openCache(context) : undefined;
  const key = cache && (await keyOf(file, input));
  const known = key === undefined ? undefined : await cache?.load(key);
  if (known !== undefined) return { search: known, close: async () => {} };
  const recording = await open();
  const ending = new AbortController();
  const search = TextIndex.build(recording, { ...build, signal: ending.signal });
  const kept = search.done.then(
    async () => {
      const isWhole = search.isComplete && !HAS_SIBLINGS.has(recording.format);
      // What changed while it was read would be kept under a content that it never had.
      if (isWhole && cache && key !== undefined && (await keyOf(file, input)) === key) await cache.save(key, search);
    },
    () => {}, // searches tell it
  );
  return {
    search,
    async close() {
      ending.abort();
      // Of a part nothing is kept, and what reading waits for may never come where the recording is still being written.
      if (search.isComplete) await kept;
      await recording.close();
    },
  };
}

/** Formats that tell of times in another file, which the key says nothing of. */
const HAS_SIBLINGS: ReadonlySet<string> = new Set(["script"]);

async function openCache({ io }: CommandContext): Promise<TextCache> {
  const { userCacheFolder } = await import("../config/index.js");
  const { TextCache } = await import("../play/index.js");
  return new TextCache(join(userCacheFolder(io.env), "text"));
}

/** Undefined where nothing is to be kept: of streams and URLs, of recordings in progress, of those that are read as told. */
async function keyOf(
  file: string,
  { inputFormat, timing, recover, strict }: InputOptions,
): Promise<string | undefined> {
  const { isUrl } = await import("../files/index.js");
  if (file === "-" || isUrl(file) || recover || strict || (inputFormat ?? timing) !== undefined) return undefined;
  const { journalName } = await import("../../formats/index.js");
  const hasJournal = await stat(journalName(file)).then(
    () => true,
    () => false,
  );
  if (hasJournal) return undefined;
  const { TextCache } = await import("../play/index.js");
  return await TextCache.keyOf(file);
}
