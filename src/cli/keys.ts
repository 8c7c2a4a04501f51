// Which key a command line means: the one it names, else the one of the settings, else the user's own.
import type { Command } from "commander";
import { type Format, UsageError } from "../core/index.js";
import type { Key } from "../security/index.js";
import type { CommandContext } from "./context.js";

/** Where the user's own key is: `key.pem` beside the settings. */
export async function ownKeyPath({ io }: CommandContext): Promise<string> {
  const { userConfigFolder } = await import("../config/index.js");
  return `${userConfigFolder(io.env)}/key.pem`;
}

/** Options of the commands that sign. */
export interface SignOptions {
  readonly sign?: boolean;
  readonly signKey?: string;
}

/** Adds the options of {@link SignOptions}: two, since a value that may be left out would take the next argument for its own. */
export function addSignOptions(command: Command): Command {
  return command
    .option("--sign", "sign it, .t2r only: with the key of record.sign_key (t2a config), else of t2a key create")
    .option("--sign-key <file>", "sign it with this key");
}

/**
 * The key that the options ask for; undefined where they ask for none.
 * @throws UsageError where the format cannot be signed; what `loadKey` throws.
 */
export async function signingKey(
  { sign, signKey }: SignOptions,
  format: Format,
  context: CommandContext,
): Promise<Key | undefined> {
  if (sign !== true && signKey === undefined) return undefined;
  if (format.supports.signatures !== true) {
    throw new UsageError(`${format.name} cannot be signed: --sign is for .t2r`, { code: "T2A_FORMAT_UNSUPPORTED" });
  }
  const { loadKey } = await import("../security/index.js");
  return loadKey(signKey ?? (await configuredKeyPath(context)) ?? (await ownKeyPath(context)));
}

/** The key that the settings name; `~/` is the home folder there, because nothing else would expand it. */
export async function configuredKeyPath(context: CommandContext): Promise<string | undefined> {
  const path = (await context.settings()).values["record.sign_key"];
  return path?.startsWith("~/") ? `${context.io.env.HOME ?? ""}${path.slice(1)}` : path;
}
