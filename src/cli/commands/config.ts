// t2a config: the settings in force and where each comes from.
import type { Command } from "commander";
import type { SettingKey } from "../../config/index.js";
import { formatDuration } from "../../core/index.js";
import type { CommandContext } from "../context.js";

/** Registers the command. */
export function registerConfig(program: Command, context: CommandContext): void {
  program
    .command("config")
    .summary("show the settings in force")
    .description(
      "Shows every setting, its value and where it comes from.\nconfig.toml in $XDG_CONFIG_HOME/t2a (~/.config/t2a) is overridden by T2A_* variables, those by options.",
    )
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      '\nExample ~/.config/t2a/config.toml:\n  [record]\n  idle_time_limit = 2\n  pause_key = "^p"\n\nThe same from the environment: T2A_RECORD_IDLE_TIME_LIMIT=2',
    )
    .action((options: { readonly json?: boolean }) => config(options.json === true, context));
}

async function config(asJson: boolean, context: CommandContext): Promise<void> {
  const { SETTINGS } = await import("../../config/index.js");
  const { values, origins, files } = await context.settings();
  const keys = Object.keys(SETTINGS) as SettingKey[]; // the keys of a const object
  const store = await visibleStore(values["store.url"]);
  const shownValue = (key: SettingKey) => (key === "store.url" ? store : values[key]);
  if (asJson) {
    const settings = Object.fromEntries(
      keys.map((key) => [key, { value: shownValue(key) ?? null, origin: origins[key] }]),
    );
    context.printJson({ files, settings });
    return;
  }
  const { plainTable } = await import("../table.js");
  const { visibleText } = await import("../../terminal/index.js");
  const shown = (key: SettingKey) => {
    const value = shownValue(key);
    if (value === undefined) return "-";
    return visibleText(
      typeof value === "number" && SETTINGS[key].type === "duration" ? formatDuration(value) : String(value),
    );
  };
  context.print(
    plainTable(
      ["setting", "value", "from", "meaning"],
      keys.map((key) => [key, shown(key), visibleText(origins[key]), SETTINGS[key].summary]),
    ),
  );
  context.print("");
  for (const { path, found } of files) context.print(`${found ? "read" : "not there"}: ${visibleText(path)}`);
}

/** A store's URL without the password that may be in it; what cannot be read is not shown. */
async function visibleStore(url: string | undefined): Promise<string | undefined> {
  if (url === undefined || !/[:@]/.test(url)) return url;
  const { parseStoreUrl, visibleStoreUrl } = await import("../../store/index.js");
  try {
    return visibleStoreUrl(parseStoreUrl(url));
  } catch {
    return "(no URL of a store)";
  }
}
