// Choosing and opening what a command writes to: format by option, else by extension; `-` is standard output.
import type { Format, Target } from "../core/index.js";
import { UsageError } from "../core/index.js";
import type { CommandContext } from "./context.js";

/**
 * The format to write: the named one, else the extension's, else asciicast v3 for a name without one.
 * @throws UsageError where the extension is none t2a knows: a file's name should not lie.
 */
export async function outputFormat(name: string, formatName: string | undefined): Promise<Format> {
  const { DEFAULT_FORMAT, findFormatByExtension, getFormat } = await import("../../formats/index.js");
  if (formatName !== undefined) return getFormat(formatName);
  const found = findFormatByExtension(name);
  if (found !== undefined) return found;
  const { stripCodecSuffix } = await import("../codec/index.js");
  const extension = /\.[^./]+$/.exec(stripCodecSuffix(name).replace(/^.*\//, "").slice(1))?.[0];
  if (name === "-" || extension === undefined) return DEFAULT_FORMAT;
  throw new UsageError(`no format has the extension ${extension}: name one with -f (t2a formats lists them)`, {
    code: "T2A_UNKNOWN_FORMAT",
  });
}

/** Opens a file that replaces its name when committed, compressed where its suffix says so, or standard output. */
export async function openOutput(name: string, overwrite: boolean, { io }: CommandContext): Promise<Target> {
  const { openFileTarget, openStreamTarget } = await import("../files/index.js");
  if (name === "-") return openStreamTarget("standard output", io.stdout);
  const { codecForSuffix, compressedTarget } = await import("../codec/index.js");
  const codec = codecForSuffix(name);
  const target = openFileTarget(name, { overwrite });
  if (codec === undefined) return target;
  try {
    return await compressedTarget(codec, target);
  } catch (error) {
    await target.abort();
    throw error;
  }
}
