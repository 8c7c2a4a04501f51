// The registry: every format there is, each name once.
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { DEFAULT_FORMAT, FORMATS, findFormatByExtension, getFormat } from "../../formats/index.js";
import { UsageError } from "../../src/core/index.js";

const folder = fileURLToPath(new URL("../../formats", import.meta.url));
const modules = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => relative(folder, join(folder, name)));

const isFormat = (value: unknown) =>
  typeof value === "object" &&
  value !== null &&
  ["name", "title", "extensions", "supports"].every((key) => key in value);

describe("FORMATS", () => {
  it("holds every format that a module of formats/ exports", async () => {
    const found = new Set<unknown>();
    for (const name of modules) {
      const exported: Readonly<Record<string, unknown>> = await import(join(folder, name));
      for (const value of Object.values(exported)) if (isFormat(value)) found.add(value);
    }
    expect(found.size).toBeGreaterThan(0);
    const names = (formats: Iterable<unknown>) =>
      [...formats].map((format) => (format as { name: string }).name).sort(); // formats have names
    expect(names(found)).toEqual(names(FORMATS));
    expect(found).toEqual(new Set(FORMATS));
  });

  it("has each name once, and a name that can be typed", () => {
    const names = FORMATS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
  });

  it.each(FORMATS.map((format) => [format.name, format] as const))("describes %s in full", (_name, format) => {
    expect(format.title).toMatch(/^\S.*[^.]$/);
    for (const extension of format.extensions) expect(extension).toMatch(/^\.[a-z0-9]+$/);
    const writes = format.createEncoder !== undefined || format.createWriter !== undefined;
    expect(writes || format.decode !== undefined).toBe(true);
    expect(format.createEncoder === undefined || format.createWriter === undefined).toBe(true);
    if (format.sniff !== undefined) expect(format.decode).toBeDefined();
    if (format.supports.append) expect(writes).toBe(true);
    expect(format.supports.timeStepNanos).toBeGreaterThanOrEqual(1);
    expect(getFormat(format.name)).toBe(format);
  });

  it("sniffs nothing in an empty or an arbitrary file", () => {
    for (const head of ["", "\n", "hello\n", "{}", "[]", "\0\0"]) {
      for (const format of FORMATS)
        expect([head, format.name, format.sniff?.(Buffer.from(head), "a") ?? false]).toEqual([
          head,
          format.name,
          false,
        ]);
    }
  });
});

describe("getFormat", () => {
  it("refuses other names and gives those that exist", () => {
    expect(() => getFormat("gif")).toThrow(UsageError);
    expect(() => getFormat("gif")).toThrow(
      expect.objectContaining({
        code: "T2A_UNKNOWN_FORMAT",
        message: `unknown format "gif": t2a knows ${FORMATS.map(({ name }) => name).join(", ")}`,
      }),
    );
  });
});

describe("findFormatByExtension", () => {
  it.each([
    ["a.cast", "asciicast-v3"],
    ["A.CAST", "asciicast-v3"],
    ["a.cast.gz", "asciicast-v3"],
    ["a.ttyrec.ZST", "ttyrec"],
    ["x/a.b.raw", "raw"],
    ["a.txt", "txt"],
    ["a", undefined],
    ["a.gz", undefined],
    [".cast", undefined],
    ["a.mp4", undefined],
    ["a.", undefined],
    ["", undefined],
  ])("of %j is %s", (name, format) => {
    expect(findFormatByExtension(name)?.name).toBe(format);
  });

  it("gives the default format its own extension", () => {
    expect(findFormatByExtension(`a${DEFAULT_FORMAT.extensions[0]}`)).toBe(DEFAULT_FORMAT);
  });
});
