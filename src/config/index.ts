// The face of src/config: settings from files and environment, validated once.

export { parseKey } from "./keys.js";
export { type LoadedSettings, loadSettings, type SettingOrigin } from "./load-settings.js";
export { SETTINGS, type SettingKey, type Settings } from "./settings.js";
