// The library that a command works on: the store of --store and the spool of this machine.
import { join } from "node:path";
import { counted, StoreError } from "../core/index.js";
import type { Library, ListedSession, Spool } from "../library/kept.js";
import type { CommandContext } from "./context.js";
import { type StoreOption, storeLocation } from "./store-option.js";

/** The spool: always in the user's data folder, wherever the store is. */
export async function openSpool({ io }: CommandContext): Promise<Spool> {
  const { userDataFolder } = await import("../config/index.js");
  const { Spool } = await import("../library/kept.js");
  return new Spool(join(userDataFolder(io.env), "spool"));
}

/** Where the store is, as may be shown. Nothing is opened. @throws UsageError `T2A_STORE_URL`. */
export async function shownLocation(option: StoreOption, context: CommandContext): Promise<string> {
  const { visibleStoreUrl } = await import("../store/index.js");
  return visibleStoreUrl(await storeLocation(option, context));
}

/** How to open a library. */
export interface OpenLibraryOptions {
  /** One that is not there is not made. */
  readonly mustExist?: boolean | undefined;
  /** See `OpenStoreOptions`. */
  readonly isIndexInMemory?: boolean | undefined;
}

/**
 * Opens the library, its index in step. Whoever calls this closes it. A library that is not there is made, unless `mustExist`.
 * @throws what opening the store throws; StoreError `T2A_STORE_NOT_FOUND` with `mustExist`.
 */
export async function openLibrary(
  option: StoreOption,
  context: CommandContext,
  { mustExist = false, isIndexInMemory }: OpenLibraryOptions = {},
): Promise<Library> {
  const { openStore, visibleStoreUrl } = await import("../store/index.js");
  const { userCacheFolder } = await import("../config/index.js");
  const { Library } = await import("../library/kept.js");
  const location = await storeLocation(option, context);
  const store = await openStore(location, { cacheFolder: userCacheFolder(context.io.env), mustExist, isIndexInMemory });
  try {
    await store.catchUp({ onDamaged: (_, error) => context.warn(`${error.message}: t2a library fsck looks into it`) });
    return new Library({ store, spool: await openSpool(context), location: visibleStoreUrl(location) });
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** How to open a library that is there. */
export interface OpenExistingOptions {
  /** What waits in the spool is not moved in the background: the command waits for it (`tendLibrary`). */
  readonly isTended?: boolean | undefined;
}

/** Opens the library where there is one, or something in its spool; undefined where there is nothing. Made is nothing. */
export async function openExisting(
  option: StoreOption,
  context: CommandContext,
  options: OpenExistingOptions = {},
): Promise<Library | undefined> {
  try {
    return await openCollecting(option, context, options);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "T2A_STORE_NOT_FOUND") throw error;
    return undefined;
  }
}

/** As `openExisting`. @throws StoreError `T2A_STORE_NOT_FOUND` where there is nothing. */
export async function getExisting(
  option: StoreOption,
  context: CommandContext,
  options: OpenExistingOptions = {},
): Promise<Library> {
  const library = await openExisting(option, context, options);
  if (library !== undefined) return library;
  throw new StoreError(
    "T2A_STORE_NOT_FOUND",
    "the library is empty: t2a record records into it, t2a library add adds to it",
  );
}

/** What waits in the spool is moved in the background, at once where that is quick. */
async function openCollecting(
  option: StoreOption,
  context: CommandContext,
  { isTended = false }: OpenExistingOptions,
): Promise<Library> {
  const spool = await openSpool(context);
  const location = await shownLocation(option, context);
  const entries = spool.isEmpty ? [] : spool.entries(location);
  if (!isTended && entries.some(({ isHeld }) => !isHeld)) {
    const { collectInBackground } = await import("./background-collector.js");
    await collectInBackground(option, context);
  }
  // What is being recorded is shown though nothing was ever put into the store.
  return await openLibrary(option, context, { mustExist: entries.length === 0 });
}

/** Says that recordings wait, where some do: otherwise nobody would learn why they are not moved. */
export async function tellWaiting(
  sessions: readonly ListedSession[],
  option: StoreOption,
  context: CommandContext,
): Promise<void> {
  const waiting = sessions.filter(({ spooled }) => spooled === "waiting").length;
  if (waiting === 0) return;
  const what = counted(waiting, "recording waits", "recordings wait");
  const { shellWord } = await import("./shell-word.js");
  const how = option.store === undefined ? "" : ` --store ${shellWord(await shownLocation(option, context))}`;
  context.info(`${what} to be moved into the library: t2a library collect${how} does it, or says why not`);
}
