// t2a marker: lists the markers of a recording, adds one, takes some away.
import type { Command } from "commander";
import { formatPosition, type Marker, type Position, parsePosition, UsageError } from "../../core/index.js";
import type { EditMarkersResult, MarkedRecording } from "../../library/index.js";
import type { CommandContext } from "../context.js";
import { addInputOptions, type InputOptions, openInput, openSource, WarningList } from "../input.js";
import { onInterruption } from "../interruption.js";
import { type MarkerPlan, namedMarkers, planAdd, planRemove } from "../marker-plan.js";
import { Progress } from "../progress.js";
import { changedFileArgument, recordingArgument } from "../references.js";

/** Registers the command. */
export function registerMarker(program: Command, context: CommandContext): void {
  const marker = program
    .command("marker")
    .summary("list, add or remove markers")
    .description(
      "Lists the markers of a recording, adds one or removes some. The file is written anew beside\n" +
        "and takes its own place when it is on disk; its format, its compression and all else in it stay.",
    );
  registerList(marker, context);
  registerAdd(marker, context);
  registerRemove(marker, context);
  marker.addHelpText(
    "after",
    '\nExamples:\n  t2a marker ls demo.cast\n  t2a marker add demo.cast 1:02 "tests pass"\n  t2a marker rm demo.cast 2',
  );
}

interface ListOptions extends InputOptions {
  readonly json?: boolean;
}

function registerList(marker: Command, context: CommandContext): void {
  addInputOptions(
    marker
      .command("ls")
      .summary("list markers")
      .description("Lists the markers of a recording: number, position, label.")
      .addArgument(recordingArgument("<file>", "file, session of the library, URL or -")),
  )
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a marker ls demo.cast\n  t2a marker ls --json demo.t2r | jq -r '.[].label'")
    .action((file: string, options: ListOptions) => list(file, options, context));
}

async function list(file: string, options: ListOptions, context: CommandContext): Promise<void> {
  const warnings = new WarningList();
  const markers = (await fromIndex(file, options, context)) ?? (await fromEvents(file, options, context, warnings));
  if (options.json) {
    context.printJson(markers.map(({ time, label }, at) => ({ number: at + 1, timeNs: time, label })));
    return;
  }
  const { visibleText } = await import("../../terminal/index.js");
  const rows = markers.map(
    ({ time, label }, at) => [String(at + 1), formatPosition(time), visibleText(label)] as const,
  );
  const width = (column: 0 | 1) => rows.reduce((widest, row) => Math.max(widest, row[column].length), 0);
  const [numbers, positions] = [width(0), width(1)];
  for (const [number, position, label] of rows) {
    context.print(`${number.padStart(numbers)}  ${position.padStart(positions)}  ${label}`.trimEnd());
  }
  await warnings.tell(context);
}

/** A finished .t2r lists them at its end. Undefined for everything else, and where the content itself is asked for. */
async function fromIndex(
  file: string,
  options: InputOptions,
  context: CommandContext,
): Promise<readonly Marker[] | undefined> {
  if (options.strict || options.recover || options.inputFormat !== undefined || file === "-") return undefined;
  const { openT2r } = await import("../../../formats/index.js");
  const source = await openSource(file, context);
  try {
    const index = source.supports.ranges ? (await openT2r(source))?.index : undefined;
    return index?.truncated === false ? index.markers : undefined;
  } finally {
    await source.close();
  }
}

async function fromEvents(
  file: string,
  options: InputOptions,
  context: CommandContext,
  warnings: WarningList,
): Promise<readonly Marker[]> {
  const markers: Marker[] = [];
  const recording = await openInput(file, options, context, { onWarning: warnings.add });
  try {
    for await (const batch of recording.batches) {
      for (const event of batch) if (event.kind === "marker") markers.push({ time: event.time, label: event.label });
    }
  } finally {
    await recording.close();
  }
  return markers;
}

interface EditOptions {
  readonly quiet?: boolean;
}

function registerAdd(marker: Command, context: CommandContext): void {
  marker
    .command("add")
    .summary("add a marker")
    .description("Adds a marker to a recording, behind all that happened up to that position.")
    .addArgument(changedFileArgument("<file>", "the recording"))
    .argument("<position>", "12.5, 90s, 1:02:03 or 40%", parsePosition)
    .argument("[label]", "what it says", "")
    .option("-q, --quiet", "say nothing but errors")
    .addHelpText("after", '\nExamples:\n  t2a marker add demo.cast 1:02 "tests pass"\n  t2a marker add demo.t2r 50%')
    .action((file: string, position: Position, label: string, options: EditOptions) =>
      edit(file, (recording) => planAdd(recording, position, label), options, context),
    );
}

interface RemoveOptions extends EditOptions {
  readonly label?: string;
  readonly all?: boolean;
}

function registerRemove(marker: Command, context: CommandContext): void {
  marker
    .command("rm")
    .summary("remove markers")
    .description(
      "Removes markers from a recording. A whole number is one that t2a marker ls prints, anything else a\n" +
        "position: 12.0, 1:02.5.",
    )
    .addArgument(changedFileArgument("<file>", "the recording"))
    .argument("[marker...]", "number or position")
    .option("--label <text>", "those with this label")
    .option("--all", "all of them")
    .option("-q, --quiet", "say nothing but errors")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a marker rm demo.cast 2 3\n  t2a marker rm demo.cast 1:02.5\n  t2a marker rm --all demo.t2r",
    )
    .action((file: string, names: readonly string[], options: RemoveOptions) => {
      const which = namedMarkers(names, options);
      return edit(file, (recording) => planRemove(recording, which), options, context);
    });
}

async function edit(
  file: string,
  plan: (recording: MarkedRecording) => MarkerPlan,
  { quiet = false }: EditOptions,
  context: CommandContext,
): Promise<void> {
  const { isUrl } = await import("../../files/index.js");
  if (file === "-" || isUrl(file)) throw new UsageError("markers are changed in a file: name one");
  const { editMarkers } = await import("../../library/index.js");
  const { visibleText } = await import("../../terminal/index.js");
  const progress = new Progress(context, quiet);
  const interruption = onInterruption();
  const said: string[] = [];
  try {
    const result = await editMarkers(
      file,
      (recording) => {
        const { change, said: lines } = plan(recording);
        said.push(...lines);
        return change;
      },
      { signal: interruption.signal, onProgress: ({ done, total }) => progress.update(done, total) },
    );
    progress.stop();
    if (quiet) return;
    for (const line of said) context.info(visibleText(line));
    if (result === undefined) return;
    await tellResult(result, context);
  } catch (error) {
    if (interruption.status === undefined) throw error;
    context.exit(interruption.status);
  } finally {
    interruption.release();
    progress.stop();
  }
}

async function tellResult(
  { warnings, lossText, droppedSections }: EditMarkersResult,
  context: CommandContext,
): Promise<void> {
  const { visibleText } = await import("../../terminal/index.js");
  const list = new WarningList();
  for (const warning of warnings) list.add(warning);
  await list.tell(context);
  if (lossText !== "") context.warn(`not everything could be kept: lost ${lossText}`);
  for (const name of droppedSections) {
    context.warn(visibleText(`the section ${name} was left out: it is about the recording as it was`));
  }
}
