// The last words to the user's terminal when the process ends.
import { closeSync, constants, openSync, writeSync } from "node:fs";

/** Writes to the controlling terminal without waiting; nothing where there is none or it takes nothing. */
export function writeToTtyAtOnce(bytes: Uint8Array): void {
  try {
    const fd = openSync("/dev/tty", constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    writeSync(fd, bytes);
    closeSync(fd);
  } catch {
    // the terminal is gone or stalled: nothing is left to be done about it
  }
}
