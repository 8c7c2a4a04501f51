// The face of src/config: settings from files and environment, validated once.

export { formatKey, parseKey } from "./keys.js";
export {
  type LoadedSettings,
  loadSettings,
  type SettingOrigin,
  settingsFiles,
  userCacheFolder,
  userConfigFolder,
  userDataFolder,
} from "./load-settings.js";
export { SETTINGS, type SettingKey, type Settings } from "./settings.js";
export { findTomlLine, formatToml, parseToml, readTomlFile, type TomlFile, type TomlTable } from "./toml.js";
