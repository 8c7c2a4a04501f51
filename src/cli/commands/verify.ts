// t2a verify: whether a .t2r is what was recorded, and what is still good where it is not.
import type { Command } from "commander";
import { FormatError, formatDuration } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { openSource } from "../input.js";

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
        "Status 0 for an intact file, else 1.",
    )
    .argument("<file>", "file, URL or -")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a verify demo.t2r\n  t2a verify --json demo.t2r | jq .problems")
    .action((file: string, options: { readonly json?: boolean }) => verify(file, options.json === true, context));
}

async function verify(file: string, asJson: boolean, context: CommandContext): Promise<void> {
  const { verifyT2r } = await import("../../../formats/index.js");
  const source = await openSource(file, context);
  let verdict: Verdict;
  try {
    verdict = await verifyT2r(source);
  } finally {
    await source.close();
  }
  if (!verdict.recognized) {
    throw new FormatError("T2A_UNKNOWN_FORMAT", `${file} is no .t2r file: t2a convert IN OUT.t2r makes one`);
  }
  if (asJson) context.printJson(toJson(verdict));
  else tell(verdict, context);
  if (verdict.state !== "intact") context.exit(1);
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
