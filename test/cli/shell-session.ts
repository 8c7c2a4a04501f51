// A user who types into a shell that t2a records, and what is in the recording then: the marks, which of them are proven.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { openRecording } from "../../formats/index.js";
import type { Event, Header } from "../../src/core/index.js";
import { openFileSource } from "../../src/files/index.js";
import { type PlacedShellMark, ShellMarkParser } from "../../src/terminal/index.js";
import { pollUntil } from "../support/poll-until.js";
import { PtyDriver } from "../support/pty-driver.js";
import { tempDir } from "../support/temp-dir.js";

export const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));

/** What is typed at a prompt, and what is to be found of it. */
export interface Step {
  readonly type: string;
  /** Typed when something was shown since the last that was typed. */
  readonly answers?: readonly { readonly seen: string | RegExp; readonly type: string }[];
  /** The line as it is told; what was typed by default; null: no command. */
  readonly line?: string | null;
  readonly status?: number | undefined;
  /** The prompt goes on where it is: none begins after this. */
  readonly goesOn?: boolean;
  /** Where the shell is from then on. */
  readonly to?: string;
}

/** How a session is set up. */
export interface SessionOptions {
  /** Arguments of `t2a record` before the file. */
  readonly args?: readonly string[];
  /** Start files in the home folder, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** In the home folder, not in /usr. */
  readonly atHome?: boolean;
  /** The recording's name in the home folder. */
  readonly name?: string;
  /** What a prompt is known by; the mark of one by default. */
  readonly prompt?: string | RegExp;
}

/** A session under way. */
export interface Session {
  readonly driver: PtyDriver;
  readonly path: (name: string) => string;
  readonly file: string;
  /** Types each step when the shell asks for it. */
  type(steps: readonly Step[]): Promise<void>;
}

/** Starts one in a home folder of its own, with an environment of its own. */
export function startSession(options: SessionOptions): Session {
  const { args = [], files = {}, env = {}, atHome = false, name = "session.cast", prompt = "]633;A;" } = options;
  const path = tempDir();
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), text);
  }
  const clean = { PATH: process.env.PATH, HOME: path(""), TERM: "xterm-256color", LC_ALL: "C.UTF-8" };
  const driver = new PtyDriver(process.execPath, [T2A, "record", "-q", "--finalize", "never", ...args, path(name)], {
    env: { ...clean, XDG_RUNTIME_DIR: path(""), ...env },
    cwd: atHome ? path("") : "/usr",
  });
  onTestFinished(() => driver.close());
  let prompts = 0;
  let isSame = false;
  const type = async (steps: readonly Step[]): Promise<void> => {
    for (const step of steps) {
      if (!isSame) prompts++;
      isSame = step.goesOn === true;
      await pollUntil(
        `prompt ${prompts} before ${step.type}`,
        () => driver.text.split(prompt).length - 1 >= prompts,
      ).catch((error: Error) => {
        throw new Error(`${error.message}; it shows ${JSON.stringify(driver.text.slice(-1500))}`);
      });
      let from = driver.text.length;
      driver.type(step.type);
      for (const { seen, type: answer } of step.answers ?? []) {
        await pollUntil(`${seen}`, () => driver.text.slice(from).search(seen) >= 0);
        from = driver.text.length;
        driver.type(answer);
      }
    }
  };
  return { driver, path, file: path(name), type };
}

/** A mark, and whether the recorder proved it. */
export type JudgedMark = PlacedShellMark & { readonly proven: boolean };

/** A recording's header, events and marks. */
export interface Recorded {
  readonly header: Header;
  readonly events: readonly Event[];
  readonly marks: readonly JudgedMark[];
  readonly output: Buffer;
}

/** Reads what was recorded. */
export async function readRecorded(file: string): Promise<Recorded> {
  const recording = await openRecording(await openFileSource(file));
  const events: Event[] = [];
  for await (const batch of recording.batches) events.push(...batch);
  await recording.close();
  return { header: recording.header, events, ...judgeMarks(events) };
}

/** The marks in the events; a `t2a.mark` is of the mark that ends where it stands. */
export function judgeMarks(events: readonly Event[]): Pick<Recorded, "marks" | "output"> {
  const parser = new ShellMarkParser();
  const chunks: Uint8Array[] = [];
  const marks: JudgedMark[] = [];
  let offset = 0;
  for (const event of events) {
    if (event.kind === "output") {
      chunks.push(event.data);
      offset += event.data.length;
      marks.push(...parser.parse(event.data).map((mark) => ({ ...mark, proven: false })));
    } else if (event.kind === "custom" && event.code === "t2a.mark") {
      const last = marks.pop();
      if (last === undefined || last.end !== offset) throw new Error(`a t2a.mark behind no mark, at byte ${offset}`);
      marks.push({ ...last, proven: true });
    }
  }
  return { marks, output: Buffer.concat(chunks) };
}

/** A command as marks tell it. */
export interface MarkedCommand {
  readonly line: string | undefined;
  readonly status: number | undefined;
  readonly cwd: string | undefined;
}

const LETTERS: Readonly<Record<string, string>> = {
  cwd: "P",
  promptStart: "A",
  outputStart: "C",
  commandLine: "E",
  commandEnd: "D",
};

/**
 * Commands out of proven marks, in the plainest way there is. Throws where marks stand in an order in which they may not: a folder and
 * a prompt, then a line and the beginning of output (either first), then an end.
 */
export function commandsOf(marks: readonly JudgedMark[]): readonly MarkedCommand[] {
  const commands: MarkedCommand[] = [];
  let open: { line: string | undefined; status: number | undefined; cwd: string | undefined } | undefined;
  let line: string | undefined;
  let cwd: string | undefined;
  let order = "";
  for (const mark of marks) {
    if (!mark.proven) continue;
    order += LETTERS[mark.kind] ?? "?";
    if (mark.kind === "cwd") cwd = mark.path;
    else if (mark.kind === "commandLine") {
      if (open === undefined) line = mark.line;
      else open.line ??= mark.line;
    } else if (mark.kind === "outputStart") {
      open = { line, status: undefined, cwd };
      line = undefined;
      commands.push(open);
    } else if (mark.kind === "commandEnd") {
      if (open !== undefined) open.status = mark.status;
      open = undefined;
    }
  }
  if (!/^(?:PA(?:(?:EC|CE?)D)?)*(?:PA(?:EC|CE?)D?)?$/.test(order)) throw new Error(`marks in a wrong order: ${order}`);
  return commands;
}

/** What is to be found of the steps, typed in the folder `cwd` at first. */
export function wanted(steps: readonly Step[], cwd = "/usr"): readonly MarkedCommand[] {
  let folder = cwd;
  return steps.flatMap((step) => {
    if (step.line === null) return [];
    const command = {
      line: step.line ?? step.type.replace(/\r$/, ""),
      status: "status" in step ? step.status : 0,
      cwd: folder,
    };
    folder = step.to ?? folder;
    return [command];
  });
}

/** A file of the session, as text. */
export function textOf(path: string): string {
  return readFileSync(path, "utf8");
}
