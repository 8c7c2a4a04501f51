// Loads the settings: built-in values, then config.toml in the XDG places, then T2A_* variables; later ones win.
// https://specifications.freedesktop.org/basedir-spec/ : $XDG_CONFIG_DIRS before $XDG_CONFIG_HOME.
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { UsageError } from "../core/index.js";
import { formatKey, parseKey } from "./keys.js";
import { SETTINGS, type SettingKey, type Settings, settingVariable } from "./settings.js";
import { readTomlFile } from "./toml.js";

/** Where a value comes from: `default`, a file's path, or a variable's name. */
export type SettingOrigin = string;

/** Effective values, and the origin of each. */
export interface LoadedSettings {
  readonly values: Settings;
  readonly origins: Readonly<Record<SettingKey, SettingOrigin>>;
  /** The files looked for, in order of strength, and whether each was there. */
  readonly files: readonly { readonly path: string; readonly found: boolean }[];
}

/** Tables of config.toml that hold no settings: who uses them reads them. */
const OTHER_TABLES: readonly string[] = ["template"];

/**
 * Loads and validates the settings.
 * @throws UsageError `T2A_CONFIG` naming the file or variable and what is wrong with it.
 */
export async function loadSettings(env: Readonly<Record<string, string | undefined>>): Promise<LoadedSettings> {
  const found = new Map<SettingKey, { readonly value: unknown; readonly origin: SettingOrigin }>();
  const files: { path: string; found: boolean }[] = [];
  for (const path of settingsFiles(env)) {
    const file = await readTomlFile(path, { isRequired: path === env.T2A_CONFIG });
    files.push({ path, found: file !== undefined });
    if (file === undefined) continue;
    for (const [key, value] of flatten(file.table, path)) found.set(key, { value, origin: path });
  }
  for (const key of settingKeys()) {
    const value = env[settingVariable(key)];
    if (value !== undefined) found.set(key, { value, origin: settingVariable(key) });
  }
  const values: Record<string, unknown> = {};
  const origins: Record<string, SettingOrigin> = {};
  const validate = found.size > 0 ? (await import("./schema.js")).validateSetting : undefined;
  for (const key of settingKeys()) {
    const entry = found.get(key);
    values[key] =
      entry === undefined || validate === undefined ? SETTINGS[key].default : validate(key, entry.value, entry.origin);
    origins[key] = entry?.origin ?? "default";
  }
  // Every key was given a value of its type above: the schema and the defaults are written against Settings.
  const loaded = {
    values: values as unknown as Settings,
    origins: origins as Record<SettingKey, SettingOrigin>,
    files,
  };
  checkKeys(loaded);
  return loaded;
}

/** One key cannot do two things: the marker key would silently never come. */
function checkKeys({ values, origins }: LoadedSettings): void {
  const pause = parseKey(values["record.pause_key"]);
  if (pause === undefined || pause !== parseKey(values["record.marker_key"])) return;
  const origin =
    origins["record.marker_key"] === "default" ? origins["record.pause_key"] : origins["record.marker_key"];
  throw new UsageError(
    `${origin}: record.marker_key and record.pause_key are the same key, ${formatKey(pause)}: choose another for one, or none`,
    { code: "T2A_CONFIG" },
  );
}

function settingKeys(): readonly SettingKey[] {
  return Object.keys(SETTINGS) as SettingKey[]; // the keys of a const object
}

/** The config.toml files that are looked for, the weakest first. */
export function settingsFiles(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (env.T2A_CONFIG !== undefined && env.T2A_CONFIG !== "") return [env.T2A_CONFIG];
  const system = (env.XDG_CONFIG_DIRS || "/etc/xdg")
    .split(":")
    .filter((folder) => isAbsolute(folder)) // relative ones are invalid and to be ignored
    .reverse();
  return [...system.map((folder) => join(folder, "t2a")), userConfigFolder(env)].map((folder) =>
    join(folder, "config.toml"),
  );
}

/** Where the user keeps what t2a is told once: `$XDG_CONFIG_HOME/t2a`, else `~/.config/t2a`. */
export function userConfigFolder(env: Readonly<Record<string, string | undefined>>): string {
  const own = env.XDG_CONFIG_HOME ?? "";
  return join(isAbsolute(own) ? own : join(env.HOME ?? homedir(), ".config"), "t2a");
}

/** Where the user's programs keep what they can make anew: `$XDG_CACHE_HOME/t2a`, else `~/.cache/t2a`. */
export function userCacheFolder(env: Readonly<Record<string, string | undefined>>): string {
  const own = env.XDG_CACHE_HOME ?? "";
  return join(isAbsolute(own) ? own : join(env.HOME ?? homedir(), ".cache"), "t2a");
}

/** Where the user's programs keep what is not to be lost: `$XDG_DATA_HOME/t2a`, else `~/.local/share/t2a`. */
export function userDataFolder(env: Readonly<Record<string, string | undefined>>): string {
  const own = env.XDG_DATA_HOME ?? "";
  return join(isAbsolute(own) ? own : join(env.HOME ?? homedir(), ".local", "share"), "t2a");
}

function* flatten(value: unknown, path: string, prefix = ""): Generator<[SettingKey, unknown]> {
  for (const [name, entry] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    if (prefix === "" && OTHER_TABLES.includes(name)) continue;
    const key = prefix === "" ? name : `${prefix}.${name}`;
    if (Object.hasOwn(SETTINGS, key)) yield [key as SettingKey, entry];
    else if (prefix === "" && typeof entry === "object" && entry !== null && !Array.isArray(entry))
      yield* flatten(entry, path, name);
    else throw new UsageError(`${path}: unknown setting "${key}" (t2a config lists them)`, { code: "T2A_CONFIG" });
  }
}
