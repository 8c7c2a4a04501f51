// t2a verify: whether a .t2r is what was recorded, and what is still good where it is not.
import type { Command } from "commander";
import { FormatError, formatDuration, type Source } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { openSource } from "../input.js";
import { countingSource, Progress } from "../progress.js";

type Verdict = import("../../../formats/index.js").Verdict;

/** Problems told one by one; the others are counted. */
const MAX_TOLD = 20;

/** Registers the command. */
export function registerVerify(program: Command, context: CommandContext): void {
  program
    .command("verify")
    .summary("check that a .t2r file is what was recorded")
    .description(
      "Checks every checksum of a .t2r file, the order of its frames, and the SHA-256 over its header and events.\n" +
        "Without a signature this finds damage; who can write the file can also write its checksums anew.\n" +
        "The stored screens (keyframes) are compared with what replaying shows at their places.\n" +
        "Status 0 for an intact file, else 1.",
    )
    .argument("<file>", "file, URL or -")
    .option("--no-keyframes", "do not replay the recording to check its keyframes: ten times as fast")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a verify demo.t2r\n  t2a verify --json demo.t2r | jq .problems")
    .action((file: string, options: VerifyOptions) => verify(file, options, context));
}

interface VerifyOptions {
  readonly json?: boolean;
  readonly keyframes: boolean;
}

async function verify(file: string, options: VerifyOptions, context: CommandContext): Promise<void> {
  const { verifyT2r } = await import("../../../formats/index.js");
  const progress = new Progress(context, options.json === true);
  const source = countingSource(await openSource(file, context), progress);
  let verdict: Verdict;
  try {
    verdict = await verifyT2r(source);
    if (options.keyframes) verdict = await withKeyframes(verdict, source, progress, context);
  } finally {
    progress.stop();
    await source.close();
  }
  if (!verdict.recognized) {
    throw new FormatError("T2A_UNKNOWN_FORMAT", `${file} is no .t2r file: t2a convert IN OUT.t2r makes one`);
  }
  if (options.json) context.printJson(toJson(verdict));
  else tell(verdict, context);
  if (verdict.state !== "intact") context.exit(1);
}

/** Keyframes are no part of the chain: an intact file with a keyframe that shows another screen is not intact. */
async function withKeyframes(
  verdict: Verdict,
  source: Source,
  progress: Progress,
  context: CommandContext,
): Promise<Verdict> {
  if (verdict.state !== "intact" || !source.supports.ranges) return verdict;
  const { openT2r } = await import("../../../formats/index.js");
  const recording = await openT2r(source);
  if (recording === undefined) return verdict;
  const { proveKeyframes } = await import("../../library/index.js");
  const { isKnownEngine, wrong } = await proveKeyframes(recording, (done) =>
    progress.update(done, verdict.outputBytes),
  );
  if (!isKnownEngine)
    context.warn("its keyframes are for another terminal engine: they were not checked, nor are they used");
  if (wrong.length === 0) return verdict;
  const reason = "a keyframe shows another screen than the recording";
  const problems = wrong.map(({ offset, size, time }) => ({ offset, size, reason, startTime: time, endTime: time }));
  return { ...verdict, state: "damaged", problems };
}

/** The state in words: a signature is not looked for yet. */
const STATES = { intact: "intact, unsigned", unfinished: "unfinished", damaged: "damaged" } as const;

function toJson({ state, problems, blocks, events, outputBytes, duration, chain }: Verdict) {
  return {
    state,
    signed: false,
    problems: problems.map(({ startTime, endTime, ...place }) => ({ ...place, startNs: startTime, endNs: endTime })),
    good: { blocks, events, outputBytes, durationNs: duration },
    sha256: chain,
  };
}

function tell({ state, problems, blocks, events, outputBytes, duration }: Verdict, context: CommandContext): void {
  context.print(STATES[state]);
  for (const { offset, size, reason, startTime, endTime } of problems.slice(0, MAX_TOLD)) {
    const times =
      startTime === undefined || endTime === undefined
        ? ""
        : `, ${formatDuration(startTime)} to ${formatDuration(endTime)} of the recording`;
    context.print(`  byte ${offset}, ${size} bytes${times}: ${reason}`);
  }
  if (problems.length > MAX_TOLD) context.print(`  and ${problems.length - MAX_TOLD} more`);
  if (state === "intact") return;
  if (state === "unfinished") {
    context.print(
      "the recorder runs still, or died: t2a convert reads the file and the journal beside it, and finishes them",
    );
  }
  context.print(
    `good: ${blocks} ${blocks === 1 ? "block" : "blocks"}, ${events} events, ${outputBytes} bytes of output, up to ${formatDuration(duration)}`,
  );
}
