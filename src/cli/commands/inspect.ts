// t2a inspect: what a .t2r is made of, frame by frame.
import type { Command } from "commander";
import { counted, FormatError, formatDuration } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { openSource } from "../input.js";
import { recordingArgument } from "../references.js";

/** Registers the command. */
export function registerInspect(program: Command, context: CommandContext): void {
  program
    .command("inspect")
    .summary("show the frames of a .t2r file")
    .description(
      "Shows the frames of a .t2r file with their offsets, damaged ones too.\nStatus 1 where something is damaged.",
    )
    .addArgument(recordingArgument("<file>", "file, session of the library, URL or -"))
    .option("--json", "print JSON, one object a frame")
    .addHelpText(
      "after",
      "\nExamples:\n  t2a inspect demo.t2r\n  t2a inspect --json demo.t2r | jq -s 'map(.size) | add'",
    )
    .action((file: string, options: { readonly json?: boolean }) => inspect(file, options.json === true, context));
}

async function inspect(file: string, asJson: boolean, context: CommandContext): Promise<void> {
  const { inspectT2r } = await import("../../../formats/index.js");
  const { visibleText } = await import("../../terminal/index.js");
  const source = await openSource(file, context);
  try {
    let count = 0;
    let whole = 0;
    for await (const frame of inspectT2r(source)) {
      if (count++ === 0 && !asJson) context.print(line("offset", "size", "frame", "what"));
      if (frame.kind === "damage") context.exit(1);
      else whole++;
      if (asJson) context.print(JSON.stringify(frame));
      else
        context.print(
          line(String(frame.offset), String(frame.size), frame.kind.toUpperCase(), visibleText(describe(frame))),
        );
    }
    if (whole === 0) throw new FormatError("T2A_UNKNOWN_FORMAT", `${file} holds no whole frame of a .t2r`);
  } finally {
    await source.close();
  }
}

type Frame = import("../../../formats/index.js").FrameDescription;

function describe({ block, keyframe, signature, section, type, reason }: Frame): string {
  const parts = reason === undefined ? [] : [reason];
  if (type !== undefined) parts.push(`type ${type}`);
  if (block !== undefined) {
    parts.push(
      `${block.sequence}: ${formatDuration(block.startNs)} to ${formatDuration(block.endNs)}`,
      `${counted(block.events, "event")}`,
      `${block.outputBytes} bytes of output from ${block.outputOffset} on, in ${block.frameBytes}`,
    );
  }
  if (keyframe !== undefined) {
    const { events, timeNs, engine, stateBytes } = keyframe;
    parts.push(`behind event ${events}, ${formatDuration(timeNs)}`, `${stateBytes} bytes of ${engine}`);
  }
  if (signature !== undefined) parts.push(`${counted(signature.events, "event")}, by ${signature.key}`);
  if (section !== undefined) parts.push(`${section.name}: ${section.bytes} bytes`);
  return parts.join(", ");
}

function line(offset: string, size: string, kind: string, what: string): string {
  return `${offset.padStart(12)}  ${size.padStart(10)}  ${kind.padEnd(11)}${what}`.trimEnd();
}
