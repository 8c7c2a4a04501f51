// A header as JSON, in t2a's own words: also what `--json` output shows. Units stand in the names; wall clock times are
// decimal strings because JSON numbers cannot hold them.
import { FormatError, type Header, MAX_CELLS, type Theme } from "../../src/core/index.js";
import { asObject, compact } from "../json-values.js";

type JsonObject = Readonly<Record<string, unknown>>;

/** The header as a JSON object. */
export function headerToJson(header: Header): JsonObject {
  const { startTime, idleTimeLimit, duration, ...same } = header;
  return compact<JsonObject>({
    ...same,
    startTimeNs: startTime?.toString(),
    idleTimeLimitNs: idleTimeLimit,
    durationNs: duration,
  });
}

const TEXTS = [
  "termType",
  "termVersion",
  "bootId",
  "command",
  "title",
  "user",
  "host",
  "cwd",
  "id",
  "parentId",
] as const;

/**
 * Reads what {@link headerToJson} wrote.
 * @throws FormatError `T2A_FORMAT_HEADER` naming the field that is not what it should be.
 */
export function headerFromJson(json: JsonObject): Header {
  const texts = Object.fromEntries(
    TEXTS.filter((key) => json[key] !== undefined).map((key) => [key, text(json[key], key)]),
  );
  return compact<Header>({
    ...texts,
    cols: cells(json.cols, "cols"),
    rows: cells(json.rows, "rows"),
    theme: json.theme === undefined ? undefined : theme(json.theme),
    startTime: json.startTimeNs === undefined ? undefined : wallTime(json.startTimeNs),
    idleTimeLimit: nanos(json.idleTimeLimitNs, "idleTimeLimitNs"),
    duration: nanos(json.durationNs, "durationNs"),
    env: json.env === undefined ? undefined : textMap(json.env),
    tags: Array.isArray(json.tags) ? json.tags.map((tag) => text(tag, "tags")) : undefined,
    extra: asObject(json.extra),
  });
}

function wrong(key: string): FormatError {
  return new FormatError("T2A_FORMAT_HEADER", `the header's "${key}" is not what it should be`, { offset: 0 });
}

function text(value: unknown, key: string): string {
  if (typeof value !== "string") throw wrong(key);
  return value;
}

function cells(value: unknown, key: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > MAX_CELLS) throw wrong(key);
  return value;
}

function nanos(value: unknown, key: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw wrong(key);
  return value;
}

function wallTime(value: unknown): bigint {
  if (typeof value !== "string" || !/^[0-9]{1,20}$/.test(value)) throw wrong("startTimeNs");
  return BigInt(value);
}

function textMap(value: unknown): Readonly<Record<string, string>> {
  const object = asObject(value);
  if (object === undefined) throw wrong("env");
  return Object.fromEntries(Object.entries(object).map(([key, entry]) => [key, text(entry, "env")]));
}

function theme(value: unknown): Theme {
  const object = asObject(value);
  if (object === undefined || !Array.isArray(object.palette)) throw wrong("theme");
  return {
    fg: text(object.fg, "theme"),
    bg: text(object.bg, "theme"),
    palette: object.palette.map((colour) => text(colour, "theme")),
  };
}
