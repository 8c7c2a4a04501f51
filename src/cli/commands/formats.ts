// t2a formats: the formats t2a reads and writes, and what each can hold.
import type { Command } from "commander";
import type { Format } from "../../core/index.js";
import type { CommandContext } from "../context.js";

/** Registers the command. */
export function registerFormats(program: Command, context: CommandContext): void {
  program
    .command("formats")
    .summary("list the formats and what they can hold")
    .description("Lists the formats t2a reads and writes, and what each can hold.")
    .option("--json", "print JSON")
    .action((options: { readonly json?: boolean }) => formats(options.json === true, context));
}

async function formats(asJson: boolean, context: CommandContext): Promise<void> {
  const { FORMATS } = await import("../../../formats/index.js");
  if (asJson) {
    context.printJson(FORMATS.map(describe));
    return;
  }
  const { plainTable } = await import("../table.js");
  context.print(
    plainTable(["format", "extensions", "reads", "writes", "holds", "finest time", "crash-safe"], FORMATS.map(row)),
  );
}

function describe(format: Format) {
  const { timeStepNanos, ...supports } = format.supports;
  return {
    name: format.name,
    title: format.title,
    extensions: format.extensions,
    reads: format.decode !== undefined,
    writes: writes(format),
    supports: { ...supports, timeStepNs: Number.isFinite(timeStepNanos) ? timeStepNanos : null },
  };
}

function row(format: Format): string[] {
  const { supports } = format;
  const kinds = (["input", "resize", "marker", "exit", "custom", "meta"] as const).filter((kind) => supports[kind]);
  const steps: Readonly<Record<number, string>> = { 1: "ns", 1000: "us" };
  return [
    format.name,
    format.extensions.join(" ") || "-",
    format.decode === undefined ? "no" : "yes",
    writes(format) ? "yes" : "no",
    ["output", ...kinds, ...(supports.bytes ? ["any bytes"] : [])].join(", "),
    steps[supports.timeStepNanos] ?? "none",
    supports.crashSafe ? "yes" : "no",
  ];
}

function writes(format: Format): boolean {
  return format.createEncoder !== undefined || format.createWriter !== undefined;
}
