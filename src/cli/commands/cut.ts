// t2a cut: leaves stretches of a recording out.
import type { Command } from "commander";
import {
  formatDuration,
  type Position,
  parsePosition,
  removeStretches,
  type Stretch,
  stretchesAround,
  type Transform,
  UsageError,
} from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { positionReader } from "../positions.js";
import { addTranscodeOptions, type TranscodeOptions, transcode } from "../transcode.js";

/** A stretch as it was typed; an end that is left out is the recording's. */
interface TypedStretch {
  readonly text: string;
  readonly from: Position | undefined;
  readonly to: Position | undefined;
}

interface CutOptions extends TranscodeOptions {
  readonly remove?: readonly TypedStretch[];
  readonly keep?: readonly TypedStretch[];
}

/** Registers the command. */
export function registerCut(program: Command, context: CommandContext): void {
  const command = program
    .command("cut")
    .summary("leave parts of a recording out")
    .description(
      "Writes the recording IN to OUT without some stretches of it. What follows one comes earlier by its\n" +
        "length, and begins with the exact screen, so that nothing is missing.\n" +
        "A..B is what happens between A and B: what happens exactly at A or at B stays, and so does what\n" +
        "one sees there. ..B is from the beginning, A.. to the end; stretches may overlap. Markers, input\n" +
        "and the exit status in a stretch go with it.",
    );
  addTranscodeOptions(command, (own) =>
    own
      .option("--remove <A..B>", "leave this out (12.5..20, ..1:02, 40%..); may be given several times", collect)
      .option("--keep <A..B>", "leave out everything but this; may be given several times", collect),
  )
    .addHelpText(
      "after",
      `
Examples:
  t2a cut --remove 1:10..1:45 demo.cast shorter.cast
  t2a cut --remove ..3 --remove 50%..60% --remove 2:00.. demo.t2r shorter.t2r
  t2a cut --keep 10..20 --keep 40..50 demo.cast best.cast`,
    )
    .action((input: string, output: string, options: CutOptions) => cutOut(input, output, options, context));
}

function collect(text: string, before: readonly TypedStretch[] = []): readonly TypedStretch[] {
  return [...before, parseStretch(text)];
}

/** @throws UsageError where it is no stretch. */
function parseStretch(text: string): TypedStretch {
  const at = text.indexOf("..");
  const [from, to] = [text.slice(0, at).trim(), text.slice(at + 2).trim()];
  if (at < 0 || (from === "" && to === "")) {
    throw new UsageError(`not a stretch of time: "${text}" (use 12.5..20, ..1:02 or 40%..)`);
  }
  const read = (position: string) => (position === "" ? undefined : parsePosition(position));
  return { text, from: read(from), to: read(to) };
}

async function cutOut(input: string, output: string, options: CutOptions, context: CommandContext): Promise<void> {
  const { remove, keep } = options;
  if ((remove === undefined) === (keep === undefined)) {
    throw new UsageError("say what to leave out with --remove A..B, or what alone to keep with --keep A..B");
  }
  const option = remove === undefined ? "--keep" : "--remove";
  const named: { readonly text: string; readonly stretch: Stretch }[] = [];
  const watch = watchEnd();
  const steps = async () => {
    named.push(...(await resolve(input, remove ?? keep ?? [], options, context)));
    const stretches = named.map(({ stretch }) => stretch);
    const { createScreenFold } = await import("../screen-fold.js");
    const removed = remove === undefined ? stretchesAround(stretches) : stretches;
    return [watch.step, removeStretches(removed, createScreenFold())];
  };
  const remarks = ({ events }: { readonly events: number }) => [
    ...named.flatMap(({ text, stretch }) => remarkOn(`${option} ${text}`, stretch, watch)),
    ...(events === 0 ? ["nothing is left of the recording"] : []),
  ];
  await transcode({ input, output, options, steps, remarks }, context);
}

/** In nanoseconds. A stretch from 0 on is from the beginning, what happens there included; one to 100% is to the end. */
async function resolve(
  input: string,
  typed: readonly TypedStretch[],
  options: CutOptions,
  context: CommandContext,
): Promise<{ readonly text: string; readonly stretch: Stretch }[]> {
  const positions = typed.flatMap(({ from, to }) => [from, to]);
  const nanos = await positionReader(input, positions, options, context);
  return typed.map(({ text, from, to }) => {
    const isToEnd = to === undefined || ("fraction" in to && to.fraction === 1);
    const start = from === undefined ? 0 : nanos(from);
    const end = isToEnd ? Number.POSITIVE_INFINITY : nanos(to);
    if (start > end) throw new UsageError(`${text} is the wrong way round: the earlier position comes first`);
    if (start === end) throw new UsageError(`${text} is empty`);
    return { text, stretch: { from: start === 0 ? Number.NEGATIVE_INFINITY : start, to: end } };
  });
}

interface EndWatch {
  readonly step: Transform;
  /** Time of the last event, nanoseconds; undefined where the rest was not read, because all of it goes. */
  end: number | undefined;
}

function watchEnd(): EndWatch {
  let last = 0;
  const watch: EndWatch = {
    end: undefined,
    step: {
      batch: (batch) => {
        last = batch.at(-1)?.time ?? last;
        return batch;
      },
      end: () => {
        watch.end = last;
        return [];
      },
    },
  };
  return watch;
}

function remarkOn(what: string, { from, to }: Stretch, { end }: EndWatch): string[] {
  if (end === undefined) return [];
  const place = `the end of the recording (${formatDuration(end)})`;
  if (from > end) return [`${what} lies behind ${place}`];
  return to > end && to !== Number.POSITIVE_INFINITY ? [`${what} reaches beyond ${place}`] : [];
}
