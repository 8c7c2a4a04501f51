// Commands as the history file of a shell.
import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Target } from "../../core/index.js";
import { AtuinFile, type HistoryEntry, type TextHistory } from "../../history/index.js";
import type { CommandRow } from "./columns.js";
import { type CommandWriter, PieceWriter } from "./writer.js";

/** A history that is text. Commands of which no line is known are left out. */
export function historyWriter(history: TextHistory, target: Target): CommandWriter {
  const encode = history.createEncoder?.();
  if (encode === undefined) throw new Error(`${history.name} has no encoder`);
  const pieces = new PieceWriter(target);
  return {
    add(row) {
      const entry = entryOf(row);
      if (entry !== undefined) return pieces.add(encode(entry));
    },
    end: () => pieces.flush(),
  };
}

/** atuin's database, made in a folder of its own and then copied: SQLite writes here and there, a target takes bytes in order. */
export async function atuinWriter(target: Target): Promise<CommandWriter> {
  const folder = await mkdtemp(join(tmpdir(), "t2a-atuin-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, "history.db");
  const file = await AtuinFile.create(path).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    add(row) {
      const entry = entryOf(row);
      if (entry !== undefined) file.add(entry, row.json.recording ?? "");
    },
    async end() {
      file.end();
      for await (const chunk of createReadStream(path)) await target.write(chunk);
      await remove();
    },
    abort() {
      file.abort();
      void remove();
    },
  };
}

function entryOf({ json, time }: CommandRow): HistoryEntry | undefined {
  const { line, durationNs, exitStatus, cwd, user, host } = json;
  if (line === null) return undefined;
  return {
    line,
    time,
    duration: durationNs ?? undefined,
    exitStatus: exitStatus ?? undefined,
    cwd: cwd ?? undefined,
    user: user ?? undefined,
    host: host ?? undefined,
  };
}
