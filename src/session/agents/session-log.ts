// The log of a session: all that its recordings show, as plain text, in one file.
import { once } from "node:events";
import { createWriteStream, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { ioError, preparePrivateFolder } from "../../files/index.js";
import type { Library } from "../../library/kept.js";
import type { Session } from "../../store/index.js";
import { TextLog } from "../../terminal/index.js";
import { type OpenableRecording, sessionRecordings } from "./session-recordings.js";

/** Others have their turn after so many milliseconds. */
const TURN_MS = 2;

/**
 * Lines of text that a session's recordings show, in order, some at a time: what scrolled off and what is left on the screen.
 * @throws FormatError where a recording is damaged, what reading it throws.
 */
export async function* sessionLog(library: Library, session: Session, signal?: AbortSignal): AsyncGenerator<string> {
  for (const recording of sessionRecordings(library, session)) yield* textOf(recording, signal);
}

/**
 * Writes the log of a session to a file of the user's own, in place of what was there.
 * @throws StoreError `T2A_FILE_IO`; what `sessionLog` throws.
 */
export async function writeSessionLog(
  path: string,
  library: Library,
  session: Session,
  signal?: AbortSignal,
): Promise<void> {
  preparePrivateFolder(dirname(path));
  const temporary = join(dirname(path), `.${process.pid}.${++written}.log`);
  const stream = createWriteStream(temporary, { mode: 0o600 });
  const failed = once(stream, "close").then(() => {
    if (stream.errored) throw ioError("write", path, stream.errored);
  });
  failed.catch(() => {}); // told below
  stream.on("error", () => {});
  try {
    for await (const text of sessionLog(library, session, signal)) {
      if (!stream.write(text)) await Promise.race([once(stream, "drain"), failed]);
      if (stream.errored) break;
    }
    stream.end();
    await failed;
    renameSync(temporary, path);
  } catch (error) {
    stream.destroy();
    rmSync(temporary, { force: true });
    throw error;
  }
}

let written = 0;

async function* textOf({ open }: OpenableRecording, signal?: AbortSignal): AsyncGenerator<string> {
  const recording = await open();
  let lines = "";
  const { cols, rows } = recording.header;
  const log = new TextLog({ cols, rows, onLine: (line) => (lines += `${line}\n`) });
  let turn = performance.now();
  try {
    for await (const batch of recording.batches) {
      for (const event of batch) {
        signal?.throwIfAborted();
        if (event.kind === "output") log.feed(event.data);
        else if (event.kind === "resize") log.resize(event.cols, event.rows);
        if (performance.now() - turn < TURN_MS) continue;
        await setImmediate();
        turn = performance.now();
      }
      if (lines !== "") yield lines;
      lines = "";
    }
    log.end();
    if (lines !== "") yield lines;
  } finally {
    await recording.close();
  }
}
