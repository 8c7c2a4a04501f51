// What a signal does to work that leaves files behind: it is ended in order, so that nothing half done stays.
import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The watch over signals during one piece of work. */
export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** 128 + the signal's number, once one has come. */
  readonly status: number | undefined;
  /** Gives the signals their default effect back. */
  release(): void;
}

/** Watches for SIGINT, SIGTERM and SIGHUP until released. A second one ends the program as if nobody watched. */
export function onInterruption(): Interruption {
  const controller = new AbortController();
  let status: number | undefined;
  const interrupt = (name: (typeof SIGNALS)[number]) => {
    if (status !== undefined) {
      // Something cannot be ended in order, the opening of a pipe that nobody writes to, say.
      release();
      process.kill(process.pid, name);
      return;
    }
    status = 128 + constants.signals[name];
    controller.abort();
  };
  const release = () => {
    for (const name of SIGNALS) process.off(name, interrupt);
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  return {
    signal: controller.signal,
    get status() {
      return status;
    },
    release,
  };
}

/** Does a piece of work that a signal ends in order; `onStatus` gets the exit status then, and the work's own error is not thrown. */
export async function interruptibly(
  onStatus: (status: number) => void,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const interruption = onInterruption();
  try {
    await work(interruption.signal);
  } catch (error) {
    if (interruption.status === undefined) throw error;
    onStatus(interruption.status);
  } finally {
    interruption.release();
  }
}
