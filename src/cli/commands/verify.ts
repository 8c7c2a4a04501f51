// t2a verify: whether a .t2r is what was recorded, and what is still good where it is not.
import type { Command } from "commander";
import { counted, FormatError, formatDuration, type Source, UsageError } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { openSource } from "../input.js";
import { countingSource, Progress } from "../progress.js";
import { recordingArgument } from "../references.js";

type Verdict = import("../../../formats/index.js").Verdict;
type Problem = import("../../../formats/index.js").Problem;

/** Problems told one by one; the others are counted. */
const MAX_TOLD = 20;
/** Signers told by their key; the others are counted. */
const MAX_SIGNERS = 4;

/** Registers the command. */
export function registerVerify(program: Command, context: CommandContext): void {
  program
    .command("verify")
    .summary("check that a .t2r file is what was recorded")
    .description(
      "Checks every checksum of a .t2r file, the order of its frames, and the SHA-256 over its header and events.\n" +
        "The stored screens (keyframes) are compared with what replaying shows at their places.\n" +
        "Without a signature this finds damage; who can write the file can also write its checksums anew. A signature proves\n" +
        "that the owner of a key had the header and the events that it covers; whose key that is, its fingerprint says to those\n" +
        "who know it. Status 0 for an intact file, else 1; with --key only where that key signed all of it.",
    )
    .addArgument(recordingArgument("<file>", "file, session of the library, URL or -"))
    .option(
      "--key <key>",
      "demand that this key signed all of it: a file with its public or private half, or a fingerprint",
    )
    .option("--no-keyframes", "do not replay the recording to check its keyframes: ten times as fast")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  t2a verify demo.t2r
  t2a verify --key colleague.pem.pub demo.t2r
  t2a verify --json demo.t2r | jq .problems`,
    )
    .action((file: string, options: VerifyOptions) => verify(file, options, context));
}

interface VerifyOptions {
  readonly key?: string;
  readonly json?: boolean;
  readonly keyframes: boolean;
}

async function verify(file: string, options: VerifyOptions, context: CommandContext): Promise<void> {
  const wanted = options.key === undefined ? undefined : await fingerprintOf(options.key);
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
  const isWanted = wanted === undefined || signersOfAll(verdict).includes(wanted);
  if (options.json) context.printJson(toJson(verdict));
  else {
    tell(verdict, context);
    if (!isWanted) context.print(`not all of it is signed by ${wanted}`);
  }
  if (verdict.state !== "intact" || !isWanted) context.exit(1);
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

/** The fingerprint of the key that an option names, by itself or by a file. */
async function fingerprintOf(key: string): Promise<string> {
  const { fingerprint, isFingerprint, loadPublicKey } = await import("../../security/index.js");
  if (isFingerprint(key)) return key;
  if (key.startsWith("SHA256:")) throw new UsageError(`${key} is no fingerprint: t2a key show FILE prints a key's`);
  return fingerprint(loadPublicKey(key));
}

function signersOfAll({ signatures, events, journal }: Verdict): string[] {
  const all = events + (journal?.events ?? 0);
  return signatures.filter((signature) => signature.valid && signature.events === all).map(({ key }) => key);
}

/** `intact, signed by SHA256:...`, `unfinished, signed by SHA256:... up to event 5 of 9`, `damaged`. */
function stateInWords(verdict: Verdict): string {
  const { state, signatures, journal } = verdict;
  const events = verdict.events + (journal?.events ?? 0);
  const valid = signatures.filter((signature) => signature.valid).reverse(); // what covers most comes first
  if (valid.length === 0) return state === "intact" ? "intact, unsigned" : state;
  const told = valid.slice(0, MAX_SIGNERS).map((signature) => {
    const part =
      signature.events === events && state !== "damaged" ? "" : ` up to event ${signature.events} of ${events}`;
    return `signed by ${signature.key}${part}`;
  });
  const more = valid.length > MAX_SIGNERS ? [`and by ${valid.length - MAX_SIGNERS} more`] : [];
  return [state, ...told, ...more].join(", ");
}

function toJson(verdict: Verdict) {
  const { state, problems, blocks, events, outputBytes, duration, journal, chain, signatures } = verdict;
  return {
    state,
    signed: signersOfAll(verdict).length > 0,
    signatures: signatures.map(({ publicKey, ...rest }) => ({
      ...rest,
      publicKey: Buffer.from(publicKey).toString("base64"),
    })),
    problems: problems.map(({ startTime, endTime, ...place }) => ({ ...place, startNs: startTime, endNs: endTime })),
    good: { blocks, events, outputBytes, durationNs: duration },
    journal:
      journal === undefined
        ? null
        : { events: journal.events, outputBytes: journal.outputBytes, durationNs: journal.duration },
    sha256: chain,
  };
}

function tell(verdict: Verdict, context: CommandContext): void {
  const { state, problems, blocks, events, outputBytes, duration, journal, chain } = verdict;
  context.print(stateInWords(verdict));
  for (const problem of problems.slice(0, MAX_TOLD)) context.print(`  ${describe(problem)}`);
  if (problems.length > MAX_TOLD) context.print(`  and ${problems.length - MAX_TOLD} more`);
  if (state === "intact") return;
  const inBlocks = `${counted(blocks, "block")}, ${counted(events, "event")}, ${outputBytes} bytes of output`;
  context.print(`good: ${inBlocks}, up to ${formatDuration(duration)}`);
  if (journal !== undefined) {
    const inJournal = `${counted(journal.events, "event")}, ${journal.outputBytes} bytes of output`;
    context.print(`in the journal: ${inJournal}, up to ${formatDuration(journal.duration)}`);
  } else if (state === "unfinished") context.print("no journal of it is beside it: what it held is not here");
  if (state === "unfinished") context.print("the recorder runs still, or died: t2a recover finishes the file then");
  else if (chain === undefined) context.print("t2a recover writes all that is good into a file beside it");
}

function describe({ offset, size, reason, startTime, endTime }: Problem): string {
  const place = size === 0 ? `byte ${offset}` : `byte ${offset}, ${size} bytes`;
  if (startTime === undefined) return `${place}: ${reason}`;
  const to = endTime === undefined ? "on" : `to ${formatDuration(endTime)}`;
  return `${place}, from ${formatDuration(startTime)} ${to} of the recording: ${reason}`;
}
