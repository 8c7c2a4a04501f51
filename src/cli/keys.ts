// Which key a command line means: the one it names, else the one of the settings, else the user's own.
import type { Key } from "../security/index.js";
import type { CommandContext } from "./context.js";

/** Where the user's own key is: `key.pem` beside the settings. */
export async function ownKeyPath({ io }: CommandContext): Promise<string> {
  const { userConfigFolder } = await import("../config/index.js");
  return `${userConfigFolder(io.env)}/key.pem`;
}

/**
 * The key to sign with.
 * @throws what `loadKey` throws.
 */
export async function signingKey(file: string | undefined, context: CommandContext): Promise<Key> {
  const { loadKey } = await import("../security/index.js");
  return loadKey(file ?? (await configuredKeyPath(context)) ?? (await ownKeyPath(context)));
}

/** The key that the settings name; `~/` is the home folder there, because nothing else would expand it. */
export async function configuredKeyPath(context: CommandContext): Promise<string | undefined> {
  const path = (await context.settings()).values["record.sign_key"];
  return path?.startsWith("~/") ? `${context.io.env.HOME ?? ""}${path.slice(1)}` : path;
}
