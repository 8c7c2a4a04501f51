// A recording of any format as a .t2r in its final form: large blocks, packed as small as can be, with keyframes and commands.
import { copyRecording, getFormat, type OpenT2r, openRecording, openT2r, readSignatures } from "../../formats/index.js";
import type { Batch, Format, Recording, Source, Target, Warning } from "../core/index.js";
import { FormatError, wrapSource } from "../core/index.js";
import { KeyframeMaker } from "../terminal/index.js";
import { withCommands } from "./commands-section.js";

/** How to write the final form. */
export interface FinalFormOptions {
  readonly signal?: AbortSignal | undefined;
  /** Gets bytes of output. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Takes what is good of a damaged recording. */
  readonly recover?: boolean | undefined;
  /** Read as this format, whatever the content looks like. */
  readonly format?: Format | undefined;
  readonly timing?: Source | undefined;
  /** ULID for a recording of another format that has none. */
  readonly id?: string | undefined;
  readonly onWarning?: ((warning: Warning) => void) | undefined;
}

/** Of a file, enough to know it by, in bytes. */
const HEAD_BYTES = 64;

/**
 * Writes the final form of what a source holds and commits the target; a failure leaves nothing behind. The source stays open.
 * Signatures and sections of a .t2r are kept.
 * @throws what reading and writing throw; FormatError `T2A_FORMAT_DAMAGED` where its content is not what it was ended with.
 */
export async function writeFinalForm(source: Source, target: Target, options: FinalFormOptions = {}): Promise<void> {
  const { signal, onProgress, recover, format, timing, onWarning } = options;
  const staying = wrapSource(source, { close: async () => {} });
  const before = source.supports.ranges ? await openT2r(source) : undefined;
  const t2r = getFormat("t2r");
  // Such that is packed once more has its signatures where they cannot be looked for.
  const isPlain = source.supports.ranges && t2r.sniff?.(await source.readRange(0, HEAD_BYTES), source.name) === true;
  const signatures = isPlain ? await signaturesOf(source, recover === true) : [];
  const opened = await openRecording(staying, { format, recover, timing, onWarning });
  const { recording, sections } = withCommands(counted(withId(opened, options.id), onProgress));
  const createKeyframes = (size: { readonly cols: number; readonly rows: number }) => new KeyframeMaker(size);
  await copyRecording(recording, t2r, target, {
    signal,
    createKeyframes,
    // What is good of a damaged one is not what it was ended with.
    chain: recover ? undefined : before?.index.chain,
    signatures,
    sections: sections(recover ? undefined : before?.sections()),
  });
}

/** Whether a .t2r is in its final form already. A generation that was added since then has no keyframes. */
export function isFinalForm(open: OpenT2r | undefined): open is OpenT2r {
  return open?.index.keyframes !== undefined && open.index.generations === 1;
}

async function signaturesOf(source: Source, isDamaged: boolean) {
  try {
    return await readSignatures(source);
  } catch (error) {
    if (isDamaged && error instanceof FormatError) return [];
    throw error;
  }
}

/** The id that it is kept by stands in it. What a .t2r says of itself is part of what is signed. */
function withId(recording: Recording, id: string | undefined): Recording {
  if (id === undefined || recording.format === "t2r" || recording.header.id !== undefined) return recording;
  return { ...recording, header: { ...recording.header, id } };
}

/** The recording, its output counted as it passes by. */
function counted(recording: Recording, tell: ((bytes: number) => void) | undefined): Recording {
  if (tell === undefined) return recording;
  async function* batches(): AsyncGenerator<Batch> {
    let bytes = 0;
    for await (const batch of recording.batches) {
      yield batch;
      for (const event of batch) if (event.kind === "output") bytes += event.data.length;
      tell?.(bytes);
    }
  }
  return { ...recording, batches: batches() };
}
