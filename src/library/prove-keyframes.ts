// Whether the keyframes of a .t2r show what the recording shows. They are no part of its chain, since they follow from it:
// who could write the file could have put another screen there.
import type { KeyframeEntry, OpenT2r } from "../../formats/index.js";
import type { Event } from "../core/index.js";
import { SCREEN_ENGINE, Screen } from "../terminal/index.js";

/** What was found. */
export interface KeyframeProof {
  /** False where they are another terminal engine's: nobody here trusts them, or can tell. */
  readonly isKnownEngine: boolean;
  /** Those that are not the screen at their place, or cannot be read. */
  readonly wrong: readonly KeyframeEntry[];
}

/** Wrong ones listed at most. */
const MAX_WRONG = 1000;

/**
 * Replays the recording once and compares each keyframe with the screen at its place. `onProgress` gets bytes of output.
 * @throws what reading throws: a damaged recording proves nothing.
 */
export async function proveKeyframes(
  recording: OpenT2r,
  onProgress: (done: number) => void = () => {},
): Promise<KeyframeProof> {
  const { entries = [] } = recording.index.keyframes ?? {};
  if (entries.length === 0) return { isKnownEngine: true, wrong: [] };
  if (recording.engine !== SCREEN_ENGINE) return { isKnownEngine: false, wrong: [] };
  const screen = new Screen(recording.header);
  const wrong: KeyframeEntry[] = [];
  let next = 0;
  let events = 0;
  let time = 0;
  let bytes = 0;
  const check = async () => {
    for (let entry = entries[next]; entry !== undefined && entry.events <= events; entry = entries[++next]) {
      const isRight = entry.events === events && entry.time === time && (await isScreen(recording, entry, screen));
      if (!isRight && wrong.length < MAX_WRONG) wrong.push(entry);
    }
  };
  for await (const batch of recording.batchesFrom(0)) {
    for (const event of batch) {
      apply(screen, event);
      events++;
      time = event.time;
      bytes += event.kind === "output" ? event.data.length : 0;
      if (entries[next] !== undefined && (entries[next]?.events ?? 0) <= events) await check();
    }
    onProgress(bytes);
  }
  wrong.push(...entries.slice(next, next + MAX_WRONG)); // behind the end
  screen.dispose();
  return { isKnownEngine: true, wrong };
}

async function isScreen(recording: OpenT2r, entry: KeyframeEntry, screen: Screen): Promise<boolean> {
  const keyframe = await recording.readKeyframe(entry);
  return keyframe !== undefined && Buffer.compare(keyframe.state, screen.saveState()) === 0;
}

function apply(screen: Screen, event: Event): void {
  if (event.kind === "output") screen.feed(event.data);
  else if (event.kind === "resize") screen.resize(event.cols, event.rows);
}
