// Sizes in words: bytes with a unit, in powers of 1,024.
import { UsageError } from "./errors.js";

const UNITS = ["", "K", "M", "G", "T"] as const;

/**
 * Bytes of `1000000`, `500M`, `1.5G`.
 * @throws UsageError where it is no size.
 */
export function parseSize(text: string): number {
  const [, value, unit = ""] = /^([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  const power = (UNITS as readonly string[]).indexOf(unit.toUpperCase());
  const bytes = Math.round(Number(value) * 1024 ** power);
  if (value === undefined || !Number.isSafeInteger(bytes))
    throw new UsageError(`not a size: "${text}" (use bytes, 500M or 1.5G)`);
  return bytes;
}

/** Bytes for people, in three digits or so: `812 B`, `1.4 KB`, `23 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes;
  let power = 0;
  while (value >= 999.5 && power < UNITS.length - 1) {
    value /= 1024;
    power++;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[power]}B`;
}
