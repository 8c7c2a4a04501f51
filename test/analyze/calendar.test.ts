// Which moments have a day and an hour.
import { describe, expect, it } from "vitest";
import { LocalClock, wallMs } from "../../src/analyze/calendar.js";

const nanos = (iso: string) => BigInt(Date.parse(iso)) * 1_000_000n;

describe("the calendar", () => {
  it("knows years of four digits, and leaves out what was or will be in others anywhere", () => {
    expect(wallMs(undefined, 0)).toBeUndefined();
    for (const iso of [
      "-000001-12-31T23:00:00Z",
      "0001-01-01T00:00:00Z",
      "9999-12-31T23:59:59Z",
      "+010000-01-02T00:00:00Z",
    ])
      expect(wallMs(nanos(iso), 0), iso).toBeUndefined();
    expect(wallMs(10n ** 40n, 0)).toBeUndefined();
    expect(wallMs(0n, 1e300)).toBeUndefined();
    for (const iso of ["0001-01-02T12:00:00Z", "2026-03-08T07:30:00Z", "9999-12-30T12:00:00Z"])
      expect(new LocalClock().at(wallMs(nanos(iso), 0) ?? 0).day, iso).toMatch(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/);
  });
});
