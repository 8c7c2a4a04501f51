// Signals that end playback. They would end the program anyway; this way the terminal is given back clean.
import { constants } from "node:os";

const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Runs work that `stop` ends. Gives 128 + the number of the signal that ended it, else 0. */
export async function untilSignalled(
  stop: () => void,
  work: () => Promise<NodeJS.Signals | undefined>,
): Promise<number> {
  let signal: NodeJS.Signals | undefined;
  const end = (received: NodeJS.Signals) => {
    signal = received;
    stop();
  };
  for (const name of ENDING_SIGNALS) process.on(name, end);
  try {
    const other = await work();
    const ending = other ?? signal;
    return ending === undefined ? 0 : 128 + constants.signals[ending];
  } finally {
    for (const name of ENDING_SIGNALS) process.off(name, end);
  }
}
