// Libraries for tests: in memory or in a folder, with a spool of their own, and recordings to put into them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { openFileSource } from "../../src/files/index.js";
import { type AddOptions, type AddResult, draftSession, Library, Spool } from "../../src/library/index.js";
import { openStore } from "../../src/store/index.js";

/** A library in memory whose spool is in the folder; its clock stands at `now` where that is given. */
export async function openTestLibrary(folder: string, now?: () => number): Promise<Library> {
  const store = await openStore({ driver: "memory" }, { cacheFolder: folder });
  const library = new Library({ store, spool: new Spool(join(folder, "spool")), location: "memory:", now });
  onTestFinished(() => library.close());
  return library;
}

/** What a test recording is to be. */
export interface CastOptions {
  /** Seconds since 1970. */
  readonly timestamp?: number;
  readonly title?: string;
  readonly command?: string;
  readonly output?: string;
  readonly exit?: number;
}

/** Writes an asciicast. */
export function writeCast(
  path: string,
  { timestamp, title, command, output = "hello\r\n", exit }: CastOptions = {},
): string {
  const header = { version: 3, term: { cols: 80, rows: 24 }, timestamp, title, command };
  const lines = [header, [0.5, "o", output], ...(exit === undefined ? [] : [[0.5, "x", String(exit)]])];
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return path;
}

/** Adds a file. */
export async function addFile(library: Library, path: string, options: AddOptions = {}): Promise<AddResult> {
  const source = await openFileSource(path);
  try {
    return await library.add(source, options);
  } finally {
    await source.close();
  }
}

/** The draft of a session, as a recorder notes it. */
export function draftOf(id: string, name = "a session") {
  return draftSession({ cols: 80, rows: 24 }, { id, now: Date.UTC(2026, 0, 1), wishes: { name } });
}
