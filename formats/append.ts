// What has to be known of an existing recording before events are appended to it.
import type { AppendState, Format, Source } from "../src/core/index.js";
import { openRecording } from "./open.js";

/**
 * Reads an existing recording to its end. The source is closed.
 * @throws FormatError at damage: appending behind it would hide it.
 */
export async function scanForAppend(source: Source): Promise<{ state: AppendState; formatName: Format["name"] }> {
  const size = await source.size();
  const tail = size === undefined || size === 0 ? undefined : await source.readRange(size - 1, 1);
  const recording = await openRecording(source);
  let { header } = recording;
  let lastTime = 0;
  for await (const batch of recording.batches) {
    for (const event of batch) if (event.kind === "resize") header = { ...header, cols: event.cols, rows: event.rows };
    lastTime = batch.at(-1)?.time ?? lastTime;
  }
  return { state: { header, lastTime, complete: tail?.[0] === 10 }, formatName: recording.format };
}
