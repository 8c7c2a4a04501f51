// What of a session has text of its own in an index: its recordings, and the file of its commands, which is taken for one more recording
// under the file's name. No ULID is such a name.
import type { Session } from "../session.js";
import { ULID } from "../session-words.js";

/** One of them. */
export interface SessionText {
  /** Of the recording; the name of the file of commands. */
  readonly id: string;
  readonly title?: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** All of them. */
export function sessionTexts({ recordings, commands, createdAt }: Session): readonly SessionText[] {
  return commands === undefined ? recordings : [...recordings, { id: commands.name, createdAt }];
}

/** What a hit says that it was found in: null where that is no recording. */
export function hitRecordingId(id: string | null): string | null {
  return id !== null && ULID.test(id) ? id : null;
}
