// Archives made by hand, for tests of what an import refuses.
import { createHash } from "node:crypto";
import { type Pack, pack } from "tar-stream";
import type { Source } from "../../src/core/index.js";
import { formatManifest } from "../../src/library/archive-manifest.js";

type Header = Parameters<Pack["entry"]>[0];

/** An entry: its header, and its content where it has one. */
export type TarEntry = readonly [header: Header, content?: Uint8Array | string];

/** A tar of these entries. */
export async function tarOf(entries: Iterable<TarEntry>): Promise<Buffer> {
  const tar = pack();
  for (const [header, content] of entries) {
    if (content === undefined) tar.entry(header).end(undefined);
    else tar.entry(header, typeof content === "string" ? Buffer.from(content) : content);
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The manifest of files by path. */
export function manifestOf(files: Readonly<Record<string, Uint8Array | string>>): string {
  const sessions = new Map<string, Map<string, { name: string; sizeBytes: number; sha256: string }>>();
  for (const [path, content] of Object.entries(files)) {
    const [, id = "", name = ""] = path.split("/");
    const bytes = Buffer.from(content);
    const session = sessions.get(id) ?? new Map();
    session.set(name, { name, sizeBytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
    sessions.set(id, session);
  }
  return [
    ...formatManifest({ createdAt: "2026-11-21T00:00:00.000Z", t2a: "0.1.0" }, { named: new Map(), sessions }),
  ].join("");
}

/** Bytes as a source that is read once, in chunks of so many bytes. */
export function sourceOf(bytes: Uint8Array, chunkBytes = 64 * 1024): Source {
  const never = async (): Promise<never> => {
    throw new Error("not asked for");
  };
  return {
    name: "archive",
    supports: { restart: false, ranges: false, siblings: false, follow: false },
    async *stream() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.slice(at, at + chunkBytes);
    },
    size: async () => bytes.length,
    readRange: never,
    sibling: never,
    watch() {
      throw new Error("not asked for");
    },
    close: async () => {},
  };
}
