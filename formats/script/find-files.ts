// The files of one script recording: the typescript names itself, the timing file is given or found beside it, the input
// log is named by the timing file or found beside it.
import { codecOf, decompressed, stripCodecSuffix } from "../../src/codec/index.js";
import { type DecodeOptions, FormatError, type Source } from "../../src/core/index.js";

const TIMING_SUFFIXES = [".timing", ".tm", ".time"];
/** What people call the timing file of a file that is called `typescript`, script's own default. */
const TIMING_OF_DEFAULT = ["timing", "timingfile", "timing.log", "timing.txt", "script.timing", "script.tm"];

/** A file beside the typescript. Whoever found it closes it, unless it was given. */
export interface Found {
  readonly source: Source;
  readonly isGiven: boolean;
}

/**
 * The timing file.
 * @throws FormatError `T2A_FILE_NOT_FOUND` where there is none.
 */
export async function findTiming(typescript: Source, { timing }: DecodeOptions): Promise<Found> {
  if (timing !== undefined) return { source: timing, isGiven: true };
  const source = await firstSibling(typescript, timingNames(typescript.name));
  if (source !== undefined) return { source, isGiven: false };
  const name = typescript.name === "-" ? "standard input" : typescript.name;
  throw new FormatError(
    "T2A_FILE_NOT_FOUND",
    `${name} is a typescript, and no timing file (.timing, .tm, .time) is beside it: name it with --timing FILE, or read the output alone with --input-format raw`,
  );
}

/** The input log: under the name that the timing file states, else beside the typescript. */
export async function findInputLog(typescript: Source, stated: string | undefined): Promise<Source | undefined> {
  const beside = stems(typescript.name).map((stem) => `${stem}.in`);
  return await firstSibling(typescript, stated === undefined ? beside : [baseName(stated), ...beside]);
}

/** The bytes of a source, unpacked where they are compressed. */
export async function* plainStream(source: Source): AsyncGenerator<Uint8Array> {
  const chunks = source.stream()[Symbol.asyncIterator]();
  try {
    const first = await chunks.next();
    if (first.done) return;
    const codec = codecOf(first.value);
    const all = resume(first.value, chunks);
    if (codec === undefined) yield* all;
    else yield* decompressed(codec, all);
  } finally {
    await chunks.return?.();
  }
}

/** The last part of a path: what a timing file states is never followed to another folder. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** Names under which a typescript's timing file is looked for, in order. */
export function timingNames(path: string): string[] {
  const names = stems(path).flatMap((stem) => TIMING_SUFFIXES.map((suffix) => stem + suffix));
  return baseName(path) === "typescript" ? [...names, ...TIMING_OF_DEFAULT] : names;
}

function stems(path: string): string[] {
  const name = stripCodecSuffix(baseName(path));
  const dot = name.lastIndexOf(".");
  return dot > 0 ? [name, name.slice(0, dot)] : [name];
}

async function firstSibling(source: Source, names: readonly string[]): Promise<Source | undefined> {
  if (!source.supports.siblings) return undefined;
  for (const name of names) {
    const found = name === "" || name === baseName(source.name) ? undefined : await source.sibling(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function* resume(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
