// What is missing where blocks of a .t2r are lost: told by their neighbours, and by the index where it fits these.
import { formatDuration, type MissingSpan } from "../../src/core/index.js";
import type { BlockFields } from "./frame-walker.js";
import type { BlockEntry, RecordingIndex } from "./recording-index.js";

/** What is lost; times as far as nothing better is known those of the events around it. */
export interface Missing extends MissingSpan {
  readonly blocks?: number;
}

/** Whether the index says of a block what the block says of itself, wherever in the file it stands. */
export function isListed({ blocks }: RecordingIndex, block: BlockFields): boolean {
  const entry = blocks[block.sequence];
  return (
    entry?.startTime === block.startTime &&
    entry.endTime === block.endTime &&
    entry.outputOffset === block.outputOffset &&
    entry.outputBytes === block.outputBytes &&
    entry.events === block.events
  );
}

/**
 * What is lost between two blocks, or before the first, or, as far as the index knows, behind the last. Undefined where
 * nothing is. The index is taken at its word where it lists both blocks right, and the others so that they fit between.
 */
export function missingBlocks(
  before: BlockFields | undefined,
  after: BlockFields | undefined,
  index: RecordingIndex | undefined,
): Missing | undefined {
  const first = before === undefined ? 0 : before.sequence + 1;
  const listed = index === undefined ? undefined : listedBetween(before, after, index);
  const blocks = after === undefined ? (listed?.length ?? 0) : after.sequence - first;
  if (blocks <= 0) return undefined;
  const [head] = listed ?? [];
  const last = listed?.at(-1);
  if (listed !== undefined && head !== undefined && last !== undefined) {
    const events = listed.reduce((sum, entry) => sum + entry.events, 0);
    const outputBytes = last.outputOffset + last.outputBytes - head.outputOffset;
    return { blocks, startTime: head.startTime, endTime: last.endTime, events, outputBytes };
  }
  const outputBytes = after === undefined ? undefined : after.outputOffset - outputEnd(before);
  return { blocks, startTime: before?.endTime ?? 0, endTime: after?.startTime, outputBytes };
}

function listedBetween(
  before: BlockFields | undefined,
  after: BlockFields | undefined,
  index: RecordingIndex,
): readonly BlockEntry[] | undefined {
  if ((before !== undefined && !isListed(index, before)) || (after !== undefined && !isListed(index, after))) {
    return undefined;
  }
  const listed = index.blocks.slice(before === undefined ? 0 : before.sequence + 1, after?.sequence);
  let time = before?.endTime ?? 0;
  let output = outputEnd(before);
  for (const entry of [...listed, ...(after === undefined ? [] : [after])]) {
    if (entry.startTime < time || entry.endTime < entry.startTime || entry.outputOffset !== output) return undefined;
    time = entry.endTime;
    output += entry.outputBytes;
  }
  return listed;
}

/** Bytes of output up to the end of a block. */
export function outputEnd(block: BlockFields | undefined): number {
  return block === undefined ? 0 : block.outputOffset + block.outputBytes;
}

/** In words: `lost: 2 blocks, from 4.0s to 6.0s, 12 events, 5000 bytes of output`. */
export function describeMissing({ blocks, startTime, endTime, events, outputBytes }: Missing): string {
  const to = endTime === undefined ? "on" : `to ${formatDuration(endTime)}`;
  const parts = [
    blocks === undefined ? undefined : `${blocks} ${blocks === 1 ? "block" : "blocks"}`,
    startTime === undefined ? undefined : `from ${formatDuration(startTime)} ${to}`,
    events === undefined ? undefined : `${events} ${events === 1 ? "event" : "events"}`,
    outputBytes === undefined ? undefined : `${outputBytes} bytes of output`,
  ];
  return `lost: ${parts.filter((part) => part !== undefined).join(", ")}`;
}
