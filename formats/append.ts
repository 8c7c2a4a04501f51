// What has to be known of an existing recording before events are appended to it.
import { codecOf } from "../src/codec/index.js";
import { type AppendState, type Format, type Source, T2aError } from "../src/core/index.js";
import { openRecording } from "./open.js";

/**
 * Reads an existing recording to its end. The source is closed.
 * @throws FormatError at damage: appending behind it would hide it. T2aError `T2A_FORMAT_UNSUPPORTED` where it is compressed.
 */
export async function scanForAppend(source: Source): Promise<{ state: AppendState; formatName: Format["name"] }> {
  const complete = await checkPlain(source).catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  const recording = await openRecording(source);
  let { header } = recording;
  let lastTime = 0;
  for await (const batch of recording.batches) {
    for (const event of batch) if (event.kind === "resize") header = { ...header, cols: event.cols, rows: event.rows };
    lastTime = batch.at(-1)?.time ?? lastTime;
  }
  return { state: { header, lastTime, complete }, formatName: recording.format };
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
