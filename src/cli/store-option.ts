// The store that a command works on: --store, else the setting store.url (T2A_STORE), else the user's data folder.
import type { Command } from "commander";
import { UsageError } from "../core/index.js";
import type { Store, StoreLocation } from "../store/index.js";
import type { CommandContext } from "./context.js";

/** Options of every command that works on a store. */
export interface StoreOption {
  readonly store?: string;
  /** What the URL was given as, where that is not --store. */
  readonly argument?: string;
}

/** Adds the option of {@link StoreOption} to a command. */
export function addStoreOption(command: Command): Command {
  return command.option("--store <url>", "the library to use: file:, sqlite:, postgres: or s3: (t2a library --help)");
}

/** Where the store is. @throws UsageError `T2A_STORE_URL`, which says where the URL is from. */
export async function storeLocation({ store, argument }: StoreOption, context: CommandContext): Promise<StoreLocation> {
  const { parseStoreUrl } = await import("../store/index.js");
  const { userDataFolder } = await import("../config/index.js");
  const url = store ?? (await context.settings()).values["store.url"];
  const origin = store === undefined ? await settingOrigin(context) : (argument ?? "--store");
  // A variable that is empty is as one that is not set.
  return url === undefined || (store === undefined && url === "")
    ? { driver: "files", folder: userDataFolder(context.io.env) }
    : namingOrigin(origin, () => parseStoreUrl(url));
}

/** As people name it: a variable, or a file and what stands in it. */
async function settingOrigin(context: CommandContext): Promise<string> {
  const origin = (await context.settings()).origins["store.url"];
  return origin === "T2A_STORE" ? origin : `${origin}: store.url`;
}

/** Says where the URL is from, that cannot be used. */
function namingOrigin<T>(origin: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${origin}: ${error.message}`, { code: error.code, details: error.details, cause: error });
  }
}

/** Opens the store as it is, its index in step or not; made where there is none, unless `mustExist`. Whoever calls this closes it. */
export async function openStoreOf(
  option: StoreOption,
  context: CommandContext,
  { mustExist = false }: { readonly mustExist?: boolean } = {},
): Promise<Store> {
  const { openStore } = await import("../store/index.js");
  const { userCacheFolder } = await import("../config/index.js");
  const cacheFolder = userCacheFolder(context.io.env);
  return await openStore(await storeLocation(option, context), { cacheFolder, mustExist });
}
