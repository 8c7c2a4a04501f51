// Headers of asciicast v1, v2 and v3: JSON objects that say much the same in different places.
// What they have no key for (who, where, exact start) stands under one key of its own, "t2a"; unknown keys are kept.
import {
  DEFAULT_COLS,
  DEFAULT_ROWS,
  type DecodeOptions,
  FormatError,
  type Header,
  MAX_CELLS,
  NANOS_PER_SECOND,
  secondsToNanos,
  type Theme,
} from "../../src/core/index.js";
import { warn } from "../damage.js";
import { asObject, compact } from "../json-values.js";

type JsonObject = Readonly<Record<string, unknown>>;
type Version = 1 | 2 | 3;

const KNOWN: Readonly<Record<Version, ReadonlySet<string>>> = {
  1: new Set(["version", "width", "height", "duration", "command", "title", "env", "stdout", "t2a"]),
  2: new Set([
    "version",
    "width",
    "height",
    "timestamp",
    "duration",
    "idle_time_limit",
    "command",
    "title",
    "env",
    "theme",
    "t2a",
  ]),
  3: new Set(["version", "term", "timestamp", "idle_time_limit", "command", "title", "env", "tags", "t2a"]),
};

/**
 * Reads a header object.
 * @throws FormatError `T2A_FORMAT_HEADER` where it states no terminal size at all.
 */
export function parseHeader(object: JsonObject, version: Version, options: DecodeOptions): Header {
  const term = version === 3 ? (asObject(object.term) ?? {}) : object;
  const size = version === 3 ? { cols: term.cols, rows: term.rows } : { cols: object.width, rows: object.height };
  if (size.cols === undefined || size.rows === undefined) {
    throw new FormatError("T2A_FORMAT_HEADER", `the asciicast v${version} header states no terminal size`, {
      offset: 0,
    });
  }
  const own = asObject(object.t2a) ?? {};
  const start = startTime(object.timestamp, own.startTime);
  const theme = parseTheme(version === 3 ? term.theme : (object.theme ?? own.theme));
  const extra = Object.entries(object).filter(([key]) => !KNOWN[version].has(key));
  requireShallow(extra);
  return compact<Header>({
    cols: cells(size.cols, DEFAULT_COLS, "cols", options),
    rows: cells(size.rows, DEFAULT_ROWS, "rows", options),
    termType: (version === 3 ? text(term.type) : undefined) ?? text(own.termType) ?? text(asObject(object.env)?.TERM),
    termVersion: text(term.version) ?? text(own.termVersion),
    theme,
    startTime: start,
    idleTimeLimit: nanos(object.idle_time_limit ?? own.idleTimeLimit),
    duration: nanos(object.duration),
    command: text(object.command),
    title: text(object.title),
    env: strings(object.env),
    tags: texts(version === 3 ? object.tags : own.tags),
    bootId: text(own.bootId),
    user: text(own.user),
    host: text(own.host),
    cwd: text(own.cwd),
    id: text(own.id),
    parentId: text(own.parentId),
    extra: extra.length > 0 ? Object.fromEntries(extra) : undefined,
  });
}

/** The header as one JSON object of the given version. v1 gets no duration: it is written after the events. */
export function formatHeader(header: Header, version: Version): JsonObject {
  const { cols, rows, theme } = header;
  const themeObject =
    theme === undefined ? undefined : { fg: theme.fg, bg: theme.bg, palette: theme.palette.join(":") };
  const own = compact<JsonObject>({
    id: header.id,
    parentId: header.parentId,
    startTime: header.startTime?.toString(),
    bootId: header.bootId,
    user: header.user,
    host: header.host,
    cwd: header.cwd,
    termType: version === 3 || header.termType === header.env?.TERM ? undefined : header.termType,
    termVersion: version === 3 ? undefined : header.termVersion,
    tags: version === 3 ? undefined : header.tags,
    theme: version === 1 ? themeObject : undefined,
    idleTimeLimit:
      version === 1 && header.idleTimeLimit !== undefined ? header.idleTimeLimit / NANOS_PER_SECOND : undefined,
  });
  return compact<JsonObject>({
    version,
    ...(version === 3
      ? {
          term: compact<JsonObject>({
            cols,
            rows,
            type: header.termType,
            version: header.termVersion,
            theme: themeObject,
          }),
        }
      : { width: cols, height: rows }),
    timestamp:
      version === 1 || header.startTime === undefined ? undefined : Number(header.startTime / BigInt(NANOS_PER_SECOND)),
    duration: version === 2 && header.duration !== undefined ? header.duration / NANOS_PER_SECOND : undefined,
    idle_time_limit:
      version === 1 || header.idleTimeLimit === undefined ? undefined : header.idleTimeLimit / NANOS_PER_SECOND,
    command: header.command,
    title: header.title,
    env: header.env,
    theme: version === 2 ? themeObject : undefined,
    tags: version === 3 ? header.tags : undefined,
    ...Object.fromEntries(Object.entries(header.extra ?? {}).filter(([key]) => !KNOWN[version].has(key))),
    t2a: Object.keys(own).length > 0 ? own : undefined,
  });
}

/** Unknown keys are kept, which means written again some day: what is nested too deeply for that is no header. */
function requireShallow(value: unknown): void {
  try {
    JSON.stringify(value);
  } catch (cause) {
    throw new FormatError("T2A_FORMAT_HEADER", "a header key holds a value nested too deeply", { offset: 0, cause });
  }
}

function cells(value: unknown, fallback: number, name: string, options: DecodeOptions): number {
  if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= MAX_CELLS) return value;
  warn(options, {
    code: "size",
    message: `the header states an impossible number of ${name}: ${fallback} is taken`,
    offset: 0,
  });
  return fallback;
}

function startTime(timestamp: unknown, exact: unknown): bigint | undefined {
  if (typeof exact === "string" && /^[0-9]{1,20}$/.test(exact)) return BigInt(exact);
  if (typeof timestamp !== "number" || !(timestamp >= 0 && timestamp < 1e11)) return undefined;
  const whole = Math.floor(timestamp);
  return BigInt(whole) * BigInt(NANOS_PER_SECOND) + BigInt(Math.round((timestamp - whole) * NANOS_PER_SECOND));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : undefined;
}

function nanos(value: unknown): number | undefined {
  return typeof value === "number" ? secondsToNanos(value) : undefined;
}

function strings(value: unknown): Readonly<Record<string, string>> | undefined {
  const object = asObject(value);
  if (object === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

const COLOUR = /^#[0-9a-f]{6}$/i;

function parseTheme(value: unknown): Theme | undefined {
  const object = asObject(value);
  if (object === undefined || typeof object.palette !== "string") return undefined;
  const palette = object.palette.split(":");
  if (typeof object.fg !== "string" || typeof object.bg !== "string") return undefined;
  if (![object.fg, object.bg, ...palette].every((colour) => COLOUR.test(colour)) || palette.length < 8)
    return undefined;
  return { fg: object.fg, bg: object.bg, palette: palette.slice(0, palette.length < 16 ? 8 : 16) };
}
