// What has to be known of an existing recording before events are appended to it.
import { codecOf } from "../src/codec/index.js";
import { type AppendState, type Format, type Recording, type Source, T2aError, wrapSource } from "../src/core/index.js";
import { openRecording } from "./open.js";
import { findFormatByExtension, getFormat } from "./registry.js";

/**
 * Reads an existing recording to its end. The source is closed.
 * @throws FormatError at damage: appending behind it would hide it. T2aError `T2A_FORMAT_UNSUPPORTED` where it is compressed,
 * or of a format that cannot be read.
 */
export async function scanForAppend(source: Source): Promise<{ state: AppendState; formatName: Format["name"] }> {
  try {
    const complete = await checkPlain(source);
    // It stays open: a format may read it again.
    const recording = await openRecording(wrapSource(source, { close: async () => {} })).catch((error: unknown) => {
      throw explain(error, source.name);
    });
    const { scanForAppend } = getFormat(recording.format);
    if (scanForAppend === undefined) return { state: await scan(recording, complete), formatName: recording.format };
    await recording.close();
    return { state: await scanForAppend(source), formatName: recording.format };
  } finally {
    await source.close();
  }
}

async function scan(recording: Recording, complete: boolean): Promise<AppendState> {
  let { header } = recording;
  let lastTime = 0;
  for await (const batch of recording.batches) {
    for (const event of batch) if (event.kind === "resize") header = { ...header, cols: event.cols, rows: event.rows };
    lastTime = batch.at(-1)?.time ?? lastTime;
  }
  return { header, lastTime, complete };
}

/** Text is no recording, so it is not recognised: its name has to say what it is and why it cannot grow. */
function explain(error: unknown, name: string): unknown {
  const format = findFormatByExtension(name);
  const isUnknown = error instanceof T2aError && error.code === "T2A_UNKNOWN_FORMAT";
  if (!isUnknown || format === undefined || format.decode !== undefined) return error;
  return new T2aError(
    "T2A_FORMAT_UNSUPPORTED",
    `${name} cannot be appended to, being ${format.name}: append to a recording (demo.cast) and t2a convert that to ${format.name}`,
    { cause: error },
  );
}

/** Refuses what is compressed. Gives whether the last byte ends a line. */
async function checkPlain(source: Source): Promise<boolean> {
  const size = (await source.size()) ?? 0;
  if (size === 0) return false;
  const codec = codecOf(await source.readRange(0, 16));
  if (codec !== undefined) {
    throw new T2aError(
      "T2A_FORMAT_UNSUPPORTED",
      `${source.name} is compressed (${codec.name}) and cannot be appended to: record into a new file and join them with t2a cat`,
    );
  }
  const [last] = await source.readRange(size - 1, 1);
  return last === 10;
}
