// Text that is drawn again and again on the user's terminal until a key is pressed.
import { systemCode, UsageError } from "../core/index.js";
import type { UserTty } from "../pty/index.js";
import type { CommandContext } from "./context.js";
import { untilSignalled } from "./ending-signals.js";

/** What is shown. */
export interface LivePageOptions {
  /** How often, milliseconds. */
  readonly everyMs: number;
  /** The lines, safe to print, no wider than `cols`. What it throws ends the page. */
  render(size: { readonly cols: number; readonly rows: number }): Promise<string>;
}

/**
 * Shows it, and gives the terminal back as it was.
 * @throws UsageError where there is no terminal; what `render` throws.
 */
export async function showLivePage(options: LivePageOptions, context: CommandContext): Promise<void> {
  const { findUserTty } = await import("../pty/index.js");
  const { stdout, env, tty: path } = context.io;
  const tty = stdout.isTTY === true && env.TERM !== "dumb" ? findUserTty(path) : undefined;
  if (tty === undefined) throw new UsageError("there is no terminal to draw on again and again: go without --watch");
  const closing = new AbortController();
  const status = await untilSignalled(
    () => closing.abort(),
    () => show(options, tty, closing),
  );
  if (status !== 0) context.exit(status);
}

async function show(
  { everyMs, render }: LivePageOptions,
  tty: UserTty,
  closing: AbortController,
): Promise<NodeJS.Signals | undefined> {
  const { TerminalLoan } = await import("./attach/terminal-loan.js");
  const loan = new TerminalLoan();
  let isGone = false;
  let wake = () => {};
  tty.onInput(() => closing.abort());
  tty.onResize(() => wake());
  tty.onHangup(() => {
    isGone = true;
    closing.abort();
  });
  closing.signal.addEventListener("abort", () => wake());
  try {
    tty.start();
    void tty.write(loan.enter());
    while (!closing.signal.aborted) {
      const size = tty.size();
      await tty.write(Buffer.from(frameOf(await render(size), size.rows)));
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (closing.signal.aborted) wake();
      });
    }
  } catch (error) {
    if (systemCode(error) !== "EIO") throw error;
  } finally {
    void tty.write(loan.leave());
    await tty.close();
  }
  return isGone ? "SIGHUP" : undefined;
}

/** All of it in one piece; each line takes the place of the one before. */
function frameOf(text: string, rows: number): string {
  const lines = text.split("\n").slice(0, rows);
  const drawn = lines.map((line, y) => `\x1b[${y + 1};1H${line}\x1b[K`).join("");
  return `\x1b[?2026h${drawn}${lines.length < rows ? `\x1b[${lines.length + 1};1H\x1b[J` : ""}\x1b[?2026l`;
}
