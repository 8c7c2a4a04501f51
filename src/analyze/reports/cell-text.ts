// A report's values as people read them: safe to print, on one line, not yet escaped for any markup.
import { formatDuration } from "../../core/index.js";
import { visibleText } from "../../terminal/index.js";
import type { ReportCell, ReportUnit } from "./blocks.js";

/** What stands for what is not known. */
const UNKNOWN = "-";
/** Texts are cut here, in characters. */
const MAX_TEXT = 1000;

/** A value in its unit. Never holds a control character. */
export function cellText(value: ReportCell, unit: ReportUnit, maxLength = MAX_TEXT): string {
  if (value === null) return UNKNOWN;
  if (typeof value === "string") return unit === "time" ? localTime(value) : visibleText(value, { maxLength });
  return numberText(value, unit);
}

/** A number in its unit. */
export function numberText(value: number, unit: ReportUnit): string {
  switch (unit) {
    case "ns":
      return durationText(value);
    case "bytes":
      return bytesText(value);
    case "bytesPerSecond":
      return `${bytesText(value)}/s`;
    case "share":
      return `${percent(value)} %`;
    default:
      return Math.round(value).toLocaleString("en-US");
  }
}

/** Three digits or so: 412us, 35ms, 3.5s, 2:03, 1:02:03. */
function durationText(nanos: number): string {
  if (nanos < 1000) return nanos === 0 ? "0" : `${Math.round(nanos)}ns`;
  if (nanos < 999_500) return `${Math.round(nanos / 1000)}us`;
  if (nanos < 999_500_000) return `${Math.round(nanos / 1e6)}ms`;
  if (nanos < 59_950_000_000) return formatDuration(nanos);
  return formatDuration(Math.round(nanos / 1e9) * 1e9).replace(/\.0$/, "");
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** 512 B, 1.2 kB, 35 MB. */
function bytesText(bytes: number): string {
  let value = bytes;
  let at = 0;
  while (value >= 999.5 && at < BYTE_UNITS.length - 1) {
    value /= 1000;
    at++;
  }
  return `${at > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${BYTE_UNITS[at]}`;
}

/** Never 100 or 0 where it is not all or nothing. */
function percent(share: number): string {
  const rounded = Math.round(share * 100);
  if ((rounded === 100 && share < 1) || (rounded === 0 && share > 0))
    return (share * 100).toFixed(1).replace("100.0", "99.9");
  return String(rounded);
}

/** By the local clock, to the minute. */
function localTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return UNKNOWN;
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
