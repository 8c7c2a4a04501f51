// One shell of those that run within each other, and the command that runs in it.
import { constants } from "node:os";
import type { ShellProtocol } from "../terminal/index.js";
import type { Command } from "./command.js";

/** A command while it is put together. */
export type OpenCommand = { -readonly [Key in keyof Command]: Command[Key] };

/**
 * `fresh`: nothing is known yet; `prompt`: it is drawn; `input`: somebody types; `running`; `ended`: the command is over, and the
 * next prompt has not begun.
 */
export type ShellPhase = "fresh" | "prompt" | "input" | "running" | "ended";

/** What is known of a shell. */
export interface ShellLevel {
  phase: ShellPhase;
  /** Its name in marks, where it gives one. */
  aid: string | undefined;
  /** The marks it was first seen with. */
  protocol: ShellProtocol | undefined;
  cwd: string | undefined;
  /** Who is at work on which machine, where a mark says so. */
  user: string | undefined;
  host: string | undefined;
  /** A folder that was told of while a command ran: of the shell within, if there is one, else of this one. */
  nextCwd: string | undefined;
  /** The line that was read, as a mark told it. */
  line: string | undefined;
  command: OpenCommand | undefined;
  /** Whether it tells the ends of its commands; undefined while there was none. */
  tellsEnds: boolean | undefined;
}

/** A shell of which nothing is known but its folder. */
export function newLevel(cwd?: string): ShellLevel {
  return {
    phase: "fresh",
    aid: undefined,
    protocol: undefined,
    cwd,
    user: undefined,
    host: undefined,
    nextCwd: undefined,
    line: undefined,
    command: undefined,
    tellsEnds: undefined,
  };
}

/** A command that begins. */
export function newCommand(
  known: Pick<OpenCommand, "line" | "cwd" | "start"> & Partial<Pick<OpenCommand, keyof OpenCommand>>,
): OpenCommand {
  return {
    user: undefined,
    host: undefined,
    startEvents: undefined,
    duration: undefined,
    exitStatus: undefined,
    signal: undefined,
    outputBytes: 0,
    outputLines: 0,
    output: undefined,
    timeToFirstOutput: undefined,
    source: "marks",
    trusted: false,
    depth: 0,
    ...known,
  };
}

/** Whether it is no command at all: an empty line, ctrl-C at the prompt. Some shells mark those too. */
export function isNothing({ line, outputBytes, exitStatus }: OpenCommand): boolean {
  return outputBytes === 0 && (line === undefined ? exitStatus === undefined : line.trim() === "");
}

const SIGNAL_NAMES: ReadonlyMap<number, string> = new Map(
  // Some numbers have two names; the first one is the usual one.
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

/** The signal that a status above 128 stands for; undefined where it stands for none. */
export function signalOf(status: number | undefined): string | undefined {
  return status === undefined ? undefined : SIGNAL_NAMES.get(status - 128);
}

const LEAVES = /^\s*(?:exit|logout)(?:\s|;|$)/;
const IS_REPLACED = /^\s*exec\s/;
const STARTS_SHELL =
  /^\s*(?:exec\s+)?(?:\S*\/)?(?:bash|zsh|fish|sh|dash|ksh|nu|su|sudo|doas|ssh|mosh|docker|podman|kubectl|nix-shell)(?:\s|$)/;

/** The line ends its shell. */
export function leavesShell(line: string | undefined): boolean {
  return line !== undefined && LEAVES.test(line);
}

/** The line puts something else into its shell's place. */
export function replacesShell(line: string | undefined): boolean {
  return line !== undefined && IS_REPLACED.test(line);
}

/** The line looks like one that starts a shell within. */
export function startsShell(line: string | undefined): boolean {
  return line !== undefined && STARTS_SHELL.test(line);
}
