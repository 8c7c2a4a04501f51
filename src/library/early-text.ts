// Takes the text of a recording into the index while another thread writes its final form: when that is in the store, the text is
// there already.
import type { Recording } from "../core/index.js";
import type { PreparedText, Session, Store } from "../store/index.js";
import { readText } from "./recording-text.js";

/** Shorter recordings are finished and indexed about as fast as a thread starts, bytes; and such of a .t2r, which is packed. */
export const LONG_BYTES = 1024 * 1024;
export const LONG_PACKED_BYTES = 256 * 1024;

/** A text that is being read. */
export interface EarlyText {
  /** The recording is in the store: its text is shown. What failed is left to whoever indexes what is not indexed yet. */
  show(session: Session, recordingId: string): Promise<void>;
  /** Nothing of it stays, unless it is shown. Idempotent. */
  end(): Promise<void>;
}

/** Begins to read; undefined where the index does not take texts so early. `open` gives the recording, which is closed. */
export function beginText(
  { index }: Store,
  open: (signal: AbortSignal) => Promise<Recording>,
  signal: AbortSignal | undefined,
): EarlyText | undefined {
  if (index.prepareText === undefined) return undefined;
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const prepare = async (): Promise<PreparedText | undefined> => {
    const recording = await open(both);
    try {
      let isDamaged = false;
      const onDamage = () => {
        isDamaged = true;
      };
      const prepared = await index.prepareText?.(readText(recording, { onDamage, signal: both }));
      if (!isDamaged) return prepared;
      await prepared?.discard();
      return undefined;
    } finally {
      await recording.close();
    }
  };
  // Best effort: what is wrong with the recording, or the index, is told by those who have to do with it next.
  const prepared = prepare().catch(() => undefined);
  return {
    show: async ({ id: sessionId, name, recordings }, recordingId) => {
      const recording = recordings.find(({ id }) => id === recordingId);
      if (recording === undefined) return;
      const { title = name, createdAt } = recording;
      const shown = (await prepared)?.show({ sessionId, recordingId, title, startMs: Date.parse(createdAt) });
      await shown?.catch(() => false);
    },
    end: async () => {
      stop.abort();
      await (await prepared)?.discard().catch(() => {});
    },
  };
}
