// The daemon's log for people: its last lines, and those that come.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "../core/index.js";
import { runtimeFolder } from "../session/client/index.js";
import type { CommandContext } from "./context.js";
import { onInterruption } from "./interruption.js";

/** What of the log to show, and how. */
export interface ShowLogOptions {
  readonly lines: number;
  readonly follow: boolean;
  readonly json: boolean;
}

/** The log is small; more of it is not read. Bytes. */
const MAX_BYTES = 8 * 1024 * 1024;
const POLL_MS = 200;

/** Shows the end of the log. Followed, it goes on until a signal. */
export async function showLog({ lines, follow, json }: ShowLogOptions, context: CommandContext): Promise<void> {
  const { visibleText } = await import("../terminal/index.js");
  const { daemonLog: path } = runtimeFolder(context.io.env);
  const print = (line: string) => context.print(json ? visibleText(line) : logLine(line, visibleText));
  const { text, end } = readFrom(path, 0) ?? { text: "", end: 0 };
  const written = text.split("\n");
  let rest = written.pop() ?? "";
  // A line that is being written is shown when it is whole, where that is waited for.
  const last = (follow ? written : [...written, rest]).filter((line) => line !== "");
  if (last.length === 0 && !follow) context.info(`nothing was logged: ${path}`);
  for (const line of last.slice(-lines)) print(line);
  if (!follow) return;
  const interruption = onInterruption();
  try {
    let at = end;
    while (!interruption.signal.aborted) {
      const more = readFrom(path, at);
      if (more !== undefined) {
        at = more.end;
        const whole = (rest + more.text).split("\n");
        rest = whole.pop() ?? "";
        for (const line of whole) print(line);
      }
      await sleep(POLL_MS, undefined, { signal: interruption.signal }).catch(() => {});
    }
  } finally {
    interruption.release();
  }
}

/** What stands behind a place, from the beginning where the log began anew; undefined where there is no log. */
function readFrom(path: string, from: number): { readonly text: string; readonly end: number } | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(size < from ? 0 : from, size - MAX_BYTES);
    const bytes = Buffer.alloc(size - start);
    const length = readSync(fd, bytes, 0, bytes.length, start);
    return { text: bytes.toString("utf8", 0, length), end: start + length };
  } finally {
    closeSync(fd);
  }
}

type Visible = (text: string, options?: { readonly maxLength?: number }) => string;

/** A line of the log: when, how bad, what, and what else is known. What is no JSON was said by something else: shown as it is. */
function logLine(line: string, visible: Visible): string {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return visible(line);
  }
  if (typeof entry !== "object" || entry === null) return visible(line);
  const { time, level, msg, pid, ...rest } = entry as Readonly<Record<string, unknown>>;
  const more = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return visible([String(time), String(level).padEnd(5), String(msg), ...more].join(" "));
}
