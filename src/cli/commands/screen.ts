// t2a screen: what the terminal showed at a moment of a recording.
import { type Command, Option } from "commander";
import { type Event, type Header, type Position, parsePosition, type Recording } from "../../core/index.js";
import type { Color, Screen } from "../../terminal/index.js";
import type { CommandContext } from "../context.js";
import { addInputOptions, type InputOptions, openIndexed, openInput, WarningList } from "../input.js";
import { positionReader } from "../positions.js";
import { recordingArgument } from "../references.js";

interface ScreenOptions extends InputOptions {
  readonly at?: Position;
  readonly format: "text" | "ansi" | "json";
}

/** Registers the command. */
export function registerScreen(program: Command, context: CommandContext): void {
  addInputOptions(
    program
      .command("screen")
      .summary("print what the screen showed at a moment")
      .description(
        "Prints the screen as it stood at a moment of a recording, by default at its end: the rows of the terminal,\n" +
          "without what had scrolled off. An event at that very time is included. A finished .t2r is entered near that\n" +
          "moment, whatever its size; other recordings are read from their beginning.",
      )
      .addArgument(recordingArgument("<file>", "file, session of the library, URL or -")),
  )
    .option("--at <position>", "position: 12.5, 90s, 1:02:03 or 40%", parsePosition)
    .addOption(
      new Option("--format <format>", "text, ansi (with colours) or json (cells, cursor, modes)")
        .choices(["text", "ansi", "json"])
        .default("text"),
    )
    .option("--json", "the same as --format json")
    .addHelpText("after", "\nExamples:\n  t2a screen --at 1:30 demo.cast\n  t2a screen --at 50% --format ansi demo.t2r")
    .action((file: string, { json, ...options }: ScreenOptions & { readonly json?: boolean }) =>
      printScreen(file, json === true ? { ...options, format: "json" } : options, context),
    );
}

async function printScreen(file: string, options: ScreenOptions, context: CommandContext): Promise<void> {
  const warnings = new WarningList();
  const screen = (await seek(file, options, context)) ?? (await replayFile(file, options, context, warnings));
  if (options.format === "json") context.printJson(await toJson(screen));
  else await printRows(screen, options.format, context);
  await warnings.tell(context);
  screen.dispose();
}

/** By the index of a finished .t2r; undefined for everything else, and where the content itself is to be looked at. */
async function seek(file: string, options: ScreenOptions, context: CommandContext): Promise<Screen | undefined> {
  if (file === "-" || options.strict || options.recover || options.inputFormat !== undefined) return undefined;
  const open = await openIndexed(file, context);
  if (open === undefined) return undefined;
  try {
    const { ScreenSeeker } = await import("../../play/index.js");
    return await new ScreenSeeker(open.recording).seek(nanosOf(options.at, open.recording.duration));
  } finally {
    await open.release();
  }
}

async function replayFile(
  file: string,
  options: ScreenOptions,
  context: CommandContext,
  warnings: WarningList,
): Promise<Screen> {
  const { at } = options;
  const nanos = await positionReader(file, [at], options, context);
  const time = at === undefined ? Number.POSITIVE_INFINITY : nanos(at);
  return await replay(await openInput(file, options, context, { onWarning: warnings.add }), time);
}

/** Nanoseconds; Infinity is the end. */
function nanosOf(at: Position | undefined, duration: number): number {
  if (at === undefined) return Number.POSITIVE_INFINITY;
  return "nanos" in at ? at.nanos : Math.round(at.fraction * duration);
}

async function replay(recording: Recording, at: number): Promise<Screen> {
  const { Screen } = await import("../../terminal/index.js");
  const { cols, rows }: Header = recording.header;
  const screen = new Screen({ cols, rows });
  try {
    for await (const batch of recording.batches) {
      for (const event of batch) {
        if (event.time > at) return screen;
        apply(screen, event);
      }
    }
  } finally {
    await recording.close();
  }
  return screen;
}

function apply(screen: Screen, event: Event): void {
  if (event.kind === "output") screen.feed(event.data);
  else if (event.kind === "resize") screen.resize(event.cols, event.rows);
}

async function printRows(screen: Screen, format: "text" | "ansi", context: CommandContext): Promise<void> {
  const { styledText } = await import("../../terminal/index.js");
  const rows = format === "text" ? screen.text() : screen.snapshot().lines.map((line) => styledText(line));
  context.print(rows.join("\n"));
}

async function toJson(screen: Screen) {
  const { attributeNames, styledRuns, TRUECOLOR } = await import("../../terminal/index.js");
  const { cols, rows, cursor, modes, title, alternate, lines } = screen.snapshot();
  // null is the terminal's own colour, a number stands in its palette, `#rrggbb` is itself.
  const colour = (color: Color) => {
    if (color < 0) return null;
    return color < TRUECOLOR ? color : `#${(color - TRUECOLOR).toString(16).padStart(6, "0")}`;
  };
  return {
    cols,
    rows,
    cursor: { x: cursor.x, y: cursor.y, visible: cursor.visible },
    modes,
    title,
    buffer: alternate ? "alternate" : "normal",
    cells: lines.map((line) =>
      styledRuns(line).map(({ text, width, style }) => ({
        text,
        width,
        fg: colour(style.fg),
        bg: colour(style.bg),
        attributes: attributeNames(style),
      })),
    ),
  };
}
