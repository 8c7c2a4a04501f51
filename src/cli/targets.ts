// What a TARGET on a command line means: a recording, or all recordings in a folder and its folders.
import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { extname, join, resolve } from "node:path";
import { StoreError, systemCode, T2aError } from "../core/index.js";
import type { CommandContext } from "./context.js";
import { type InputOptions, openInput } from "./input.js";

/** A recording to read. */
export interface TargetFile {
  /** A path, a URL or `-`. */
  readonly name: string;
  /** Wall clock at its beginning, nanoseconds since 1970; undefined where it does not say, or can be read only once. */
  readonly startTime: bigint | undefined;
}

/** Told of what is no use: the file or folder, and why. */
export type OnSkipped = (name: string, error: unknown) => void;

/**
 * The recordings that targets mean, each once, in the order in which they began; those that do not say when come last, as named.
 * A folder stands for the files in it and in its folders, by name, that are recordings by their content or have the extension
 * of a format. What cannot be read is told to `onSkipped`; nothing is thrown. One name that is no folder is not looked into.
 */
export async function findTargets(
  targets: readonly string[],
  options: InputOptions,
  context: CommandContext,
  onSkipped: OnSkipped,
): Promise<TargetFile[]> {
  const { isUrl } = await import("../files/index.js");
  const files: TargetFile[] = [];
  const seen = new Set<string>();
  for await (const { name, isNamed, isOnceOnly } of walk(targets, isUrl, onSkipped)) {
    const path = isOnceOnly ? name : await realName(name);
    if (seen.has(path)) continue;
    const isTaken = isOnceOnly || (isNamed && targets.length === 1);
    const file = isTaken ? { name, startTime: undefined } : await lookInto(name, isNamed, options, context, onSkipped);
    if (file !== undefined) files.push(file);
    // What is no recording is told of where the user names it, also behind its folder.
    if (file !== undefined || isNamed) seen.add(path);
  }
  return files.sort(byStart);
}

/** One name for each file: that behind links; where there is no file, the path. */
export async function realName(name: string): Promise<string> {
  return await realpath(name).catch(() => resolve(name));
}

function byStart({ startTime: one }: TargetFile, { startTime: other }: TargetFile): number {
  if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
  return one < other ? -1 : Number(one > other);
}

interface Found {
  readonly name: string;
  /** By the user, and not found in a folder. */
  readonly isNamed: boolean;
  /** Standard input, a URL, a pipe: looking into it would take away what is to be read. */
  readonly isOnceOnly: boolean;
}

async function* walk(
  targets: readonly string[],
  isUrl: (name: string) => boolean,
  onSkipped: OnSkipped,
): AsyncGenerator<Found> {
  for (const name of targets) {
    const isStream = name === "-" || isUrl(name);
    const stats = isStream ? undefined : await stat(name).catch(() => undefined);
    if (stats?.isDirectory()) yield* walkFolder(name, onSkipped);
    else yield { name, isNamed: true, isOnceOnly: isStream || stats?.isFile() === false };
  }
}

/** Links to files are followed, links to folders are not: they could go in circles. */
async function* walkFolder(folder: string, onSkipped: OnSkipped): AsyncGenerator<Found> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    onSkipped(
      folder,
      new StoreError("T2A_FILE_IO", `cannot read the folder ${folder}: ${systemCode(error)}`, { cause: error }),
    );
    return;
  }
  entries.sort(({ name: one }, { name: other }) => (one < other ? -1 : 1));
  const names = new Set(entries.map(({ name }) => name));
  for (const entry of entries) {
    if (isPartOfScript(entry.name, names)) continue;
    const name = join(folder, entry.name);
    if (entry.isDirectory()) yield* walkFolder(name, onSkipped);
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isRegular(name))))
      yield { name, isNamed: false, isOnceOnly: false };
  }
}

/** A recording of script is a typescript with its timing, and perhaps its input, beside it. */
function isPartOfScript(name: string, names: ReadonlySet<string>): boolean {
  const stem = /^(.*)\.(?:timing|tm|in)$/.exec(name)?.[1];
  return stem !== undefined && names.has(`${stem}.typescript`);
}

async function isRegular(name: string): Promise<boolean> {
  return (await stat(name).catch(() => undefined))?.isFile() === true;
}

/** What the file says of its time; undefined where it is no recording. */
async function lookInto(
  name: string,
  isNamed: boolean,
  options: InputOptions,
  context: CommandContext,
  onSkipped: OnSkipped,
): Promise<TargetFile | undefined> {
  try {
    const recording = await openInput(name, options, context);
    const { startTime } = recording.header;
    await recording.close();
    return { name, startTime };
  } catch (error) {
    const isUnknown = error instanceof T2aError && NO_RECORDING.has(error.code);
    if (isNamed || !isUnknown || (await claimsToBeOne(name))) onSkipped(name, error);
    return undefined;
  }
}

/** What other files are refused for: many have a version of something, as the header of an asciicast has. */
const NO_RECORDING: ReadonlySet<string> = new Set(["T2A_UNKNOWN_FORMAT", "T2A_FORMAT_HEADER"]);

/** Extensions that files of all kinds have. */
const COMMON: ReadonlySet<string> = new Set([".json", ".ndjson"]);

/** Whether a file that is no recording has the extension of one: it is damaged, and not just another file. */
async function claimsToBeOne(name: string): Promise<boolean> {
  const { findFormatByExtension } = await import("../../formats/index.js");
  const { stripCodecSuffix } = await import("../codec/index.js");
  return (
    findFormatByExtension(name)?.decode !== undefined && !COMMON.has(extname(stripCodecSuffix(name)).toLowerCase())
  );
}
