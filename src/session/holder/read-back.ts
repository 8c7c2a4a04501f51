// A recording under way, read for the screen that it stands at.
import { openRecording } from "../../../formats/index.js";
import type { Recording } from "../../core/index.js";
import { openFileSource } from "../../files/index.js";

/** Opens what of it there is. The caller closes it. */
export async function readBack(path: string): Promise<Recording> {
  return await openRecording(await openFileSource(path), { recover: true });
}
