// t2a library stats: how much is kept, and of whom.
import type { Command } from "commander";
import { formatDuration, formatSize } from "../../../core/index.js";
import type { StoreStats, StoreTotals } from "../../../store/index.js";
import type { CommandContext } from "../../context.js";
import { addStoreOption, type StoreOption } from "../../store-option.js";

interface StatsOptions extends StoreOption {
  readonly json?: boolean;
}

/** Registers the command. */
export function registerStats(parent: Command, context: CommandContext): void {
  const command = parent
    .command("stats")
    .summary("show how much is kept")
    .description(
      "Shows how many sessions and recordings the library holds, what they take, and whose they are. The trash does not count.",
    );
  addStoreOption(command)
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a library stats\n  t2a library stats --json | jq .storedBytes")
    .action((options: StatsOptions) => stats(options, context));
}

async function stats(options: StatsOptions, context: CommandContext): Promise<void> {
  const { tendLibrary } = await import("../../collector.js");
  const { getExisting } = await import("../../open-library.js");
  const library = await getExisting(options, context, { isTended: true });
  try {
    if (!(await tendLibrary(library, { isQuiet: true }, context))) return;
    const found = await library.stats();
    if (options.json) context.printJson({ ...found, ratio: ratioOf(found) ?? null });
    else await printText(found, library.location, context);
  } finally {
    await library.close();
  }
}

/** Stored bytes for one byte of output. */
function ratioOf({ outputBytes, storedBytes }: StoreTotals): number | undefined {
  return outputBytes === 0 ? undefined : Math.round((storedBytes / outputBytes) * 1000) / 1000;
}

/** More than all of it only where there is little: each recording has a header and an index. */
function ratioText(ratio: number): string {
  return ratio < 1 ? `${(ratio * 100).toFixed(1)} % of` : `${ratio.toFixed(1)} times`;
}

async function printText(found: StoreStats, location: string, context: CommandContext): Promise<void> {
  const { visibleText } = await import("../../../terminal/index.js");
  const { plainTable } = await import("../../table.js");
  const { localTime } = await import("../../session-table.js");
  const ratio = ratioOf(found);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["store", location],
    ["sessions", `${found.sessions}${found.deleted > 0 ? `, and ${found.deleted} in the trash` : ""}`],
    ["recordings", String(found.recordings)],
    ["recorded", formatDuration(found.durationNs)],
    ["output", formatSize(found.outputBytes)],
    ["stored", `${formatSize(found.storedBytes)}${ratio === undefined ? "" : `, ${ratioText(ratio)} the output`}`],
    ["oldest", found.oldest && localTime(found.oldest)],
    ["newest", found.newest && localTime(found.newest)],
  ];
  for (const [name, value] of rows) if (value !== undefined) context.print(`${name.padEnd(12)}${visibleText(value)}`);
  const figures = ({ sessions, recordings, durationNs, storedBytes }: StoreTotals) => [
    String(sessions),
    String(recordings),
    formatDuration(durationNs),
    formatSize(storedBytes),
  ];
  const head = ["sessions", "recordings", "recorded", "stored"];
  for (const [title, lines] of [
    ["host", found.byHost.map((line) => [line.host, line] as const)],
    ["program", found.byProgram.map((line) => [line.program, line] as const)],
  ] as const) {
    if (lines.length === 0) continue;
    context.print("");
    const table = lines.map(([name, totals]) => [visibleText(name, { maxLength: 60 }), ...figures(totals)]);
    context.print(plainTable([title, ...head], table));
  }
}
