// Files of settings in TOML: read within bounds, and the line where something in them stands.
import { readFileSync } from "node:fs";
import { systemCode, UsageError } from "../core/index.js";

/** A file of settings larger than this is none. */
const MAX_FILE_BYTES = 1024 * 1024;

/** A line is looked for by parsing so often. */
const MAX_PARSED = 1000;

/** A table of TOML. */
export type TomlTable = Readonly<Record<string, unknown>>;

/** A file that was read. */
export interface TomlFile {
  readonly path: string;
  readonly text: string;
  readonly table: TomlTable;
}

/**
 * Reads a file; undefined where there is none, unless it is required.
 * @throws UsageError `T2A_CONFIG` naming the file, and the line where it is no TOML.
 */
export async function readTomlFile(
  path: string,
  { isRequired = false }: { readonly isRequired?: boolean } = {},
): Promise<TomlFile | undefined> {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = systemCode(error);
    if (!isRequired && (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES")) return undefined;
    throw new UsageError(`cannot read the settings in ${path}: ${code ?? String(error)}`, {
      code: "T2A_CONFIG",
      cause: error,
    });
  }
  if (bytes.length > MAX_FILE_BYTES)
    throw new UsageError(`${path} is too large for a settings file`, { code: "T2A_CONFIG" });
  const text = bytes.toString("utf8");
  return { path, text, table: await parseToml(text, path) };
}

/**
 * The tables of a text; `path` is what it is called where it is none.
 * @throws UsageError `T2A_CONFIG` with the line.
 */
export async function parseToml(text: string, path: string): Promise<TomlTable> {
  const { parse } = await import("smol-toml"); // most people have no config file: its parser is loaded for those who do
  try {
    return parse(text);
  } catch (error) {
    const line = error instanceof Error && "line" in error ? ` line ${String(error.line)}:` : "";
    const message = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new UsageError(`${path}:${line} ${message}`, { code: "T2A_CONFIG", cause: error });
  }
}

/** A table as text. */
export async function formatToml(table: TomlTable): Promise<string> {
  const { stringify } = await import("smol-toml");
  return stringify(table);
}

/**
 * The line, from 1, where a key of a text that is TOML stands; undefined where it does not.
 * The parser tells no lines, so it is asked: the line behind the longest beginning of the text that is TOML and lacks the key.
 */
export async function findTomlLine(text: string, key: readonly (string | number)[]): Promise<number | undefined> {
  const { parse } = await import("smol-toml");
  const ends: number[] = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) ends.push(at + 1);
  if (ends.at(-1) !== text.length) ends.push(text.length);
  let parsed = 0;
  /** Whether the first so many lines have it; undefined where they end within a value. */
  const has = (lines: number): boolean | undefined => {
    if (++parsed > MAX_PARSED) return true; // a value of thousands of lines: near enough
    try {
      return holds(parse(text.slice(0, ends[lines])), key);
    } catch {
      return undefined;
    }
  };
  if (has(ends.length - 1) !== true) return undefined;
  let without = 0; // so many lines lack it
  let high = ends.length - 2; // no more do
  while (without < high) {
    const middle = Math.ceil((without + high) / 2);
    let probe = middle;
    let found = has(probe);
    while (found === undefined) found = has(--probe); // back to where a value begins: nothing at all is TOML
    if (probe === without) {
      probe = middle; // all of it is one value: on to its end
      do found = has(++probe);
      while (found === undefined);
    }
    if (!found) without = probe;
    else if (probe > middle)
      break; // it is in that very value
    else high = probe - 1;
  }
  return without + 1;
}

/** Has the value of a path, through tables and lists. */
function holds(value: unknown, [first, ...rest]: readonly (string | number)[]): boolean {
  if (first === undefined) return true;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, first)) return false;
  return holds((value as Readonly<Record<string | number, unknown>>)[first], rest);
}
