// The texts of recordings in an index: taken in by short transactions that nobody sees the work of, then shown by one, in place of what
// was there. What somebody left behind who was ended in the middle is taken away by the next.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "better-sqlite3";
import { StoreError } from "../../core/index.js";
import { fold } from "../search/fold.js";
import { gramsOf } from "../search/grams.js";
import { encodePassage } from "../search/passage-codec.js";
import type { IndexedCommand, Passage, RecordingText } from "../search/search.js";
import type { PreparedText, UnindexedRecording } from "../store-index.js";
import type { SqliteAccess } from "./sqlite-access.js";
import { TEXT_VERSION } from "./sqlite-schema.js";

/** UTF-16 units of passages that one transaction takes in, and how many of them. */
const BATCH_UNITS = 1024 * 1024;
const BATCH_PASSAGES = 256;
/** Commands in one block, and UTF-16 units of their lines: looked at together. */
const BLOCK_COMMANDS = 64;
const BLOCK_UNITS = 8 * 1024;
/** UTF-16 units of a command's line and folder that are kept. */
const MAX_COMMAND = 16 * 1024;
/** Passages that one transaction takes away. */
const SWEEP_ROWS = 500;
/** A text that nobody added to for so long is left behind. Milliseconds. */
const LEFT_MS = 10 * 60_000;

/** Passages packed together, and UTF-16 units of them: a full passage is alone, as a look at it unpacks all. */
const PACK_PASSAGES = 8;
const PACK_UNITS = 12 * 1024;

/** Of texts whose recording is not known yet: a row that there never is. */
const NO_RECORDING = 0;

type TextOwner = Omit<RecordingText, "passages" | "commands">;

interface PreparedPassage {
  readonly firstNs: number;
  readonly lastNs: number;
  readonly firstLine: number;
  readonly lines: number;
  readonly grams: string;
}

interface Pack {
  readonly bytes: Uint8Array;
  readonly passages: readonly PreparedPassage[];
}

/** Takes in texts and takes them away. */
export class SqliteTexts {
  readonly #access: SqliteAccess;
  readonly #now: () => number;
  readonly #sql;

  constructor(database: Database, access: SqliteAccess, now: () => number) {
    this.#access = access;
    this.#now = now;
    this.#sql = {
      recording: database
        .prepare(
          "select r.row from index_recordings r join index_sessions s on s.row = r.session where s.id = ? and r.id = ?",
        )
        .pluck(),
      unindexed: database.prepare<[number, number], UnindexedRecording>(
        `select s.id as sessionId, r.id as recordingId from index_recordings r join index_sessions s on s.row = r.session
         where r.text_version < ? limit ?`,
      ),
      begin: database.prepare("insert into index_texts(recording, touched_ms) values(?, ?)"),
      give: database.prepare("update index_texts set recording = ? where row = ?"),
      touch: database.prepare("update index_texts set touched_ms = ? where row = ? and touched_ms > 0"),
      addPack: database.prepare("insert into index_packs(bytes) values(?)"),
      addPassage: database.prepare(
        "insert into index_passages(text, first_ns, last_ns, pack, first_line, lines) values(?, ?, ?, ?, ?, ?)",
      ),
      addPassageGrams: database.prepare("insert into index_passage_grams(rowid, grams) values(?, ?)"),
      addBlock: database.prepare("insert into index_blocks(text) values(?)"),
      addBlockGrams: database.prepare("insert into index_block_grams(rowid, grams) values(?, ?)"),
      addCommand: database.prepare(
        `insert or ignore into index_commands(block, number, line, cwd, start_ns, duration_ns, exit_status)
         values(?, ?, ?, ?, ?, ?, ?)`,
      ),
      shown: database.prepare("select text from index_recordings where row = ?"),
      show: database.prepare(
        "update index_recordings set text = ?, text_version = ?, text_title = ?, start_ms = ? where row = ?",
      ),
      finish: database.prepare("update index_texts set touched_ms = null where row = ?"),
      discard: database.prepare("update index_texts set touched_ms = 0 where row = ?"),
      left: database
        .prepare<[number, number]>("select row from index_texts where touched_ms < ? or touched_ms > ? limit 1")
        .pluck(),
      passagesOf: database.prepare<[number, number], { readonly row: number; readonly pack: number }>(
        "select row, pack from index_passages where text = ? limit ?",
      ),
      dropPack: database.prepare("delete from index_packs where row = ?"),
      dropPassage: database.prepare("delete from index_passages where row = ?"),
      dropPassageGrams: database.prepare("delete from index_passage_grams where rowid = ?"),
      blocksOf: database.prepare("select row from index_blocks where text = ? limit ?").pluck(),
      dropBlock: database.prepare("delete from index_blocks where row = ?"),
      dropBlockGrams: database.prepare("delete from index_block_grams where rowid = ?"),
      dropCommands: database.prepare("delete from index_commands where block = ?"),
      dropText: database.prepare("delete from index_texts where row = ?"),
    };
  }

  /** @see StoreIndex.listUnindexed */
  listUnindexed(limit: number): readonly UnindexedRecording[] {
    return this.#sql.unindexed.all(TEXT_VERSION, limit);
  }

  /** @see StoreIndex.putText */
  async put(source: RecordingText): Promise<void> {
    const text = await this.#access.write(() => {
      const recording = this.#sql.recording.get(source.sessionId, source.recordingId) as number | undefined;
      return recording && Number(this.#sql.begin.run(recording, this.#now()).lastInsertRowid);
    });
    if (text === undefined) return;
    await this.#fill(text, source);
    await this.#orDiscard(text, () => this.#access.write(() => this.#show(text, source)));
    await this.sweep();
  }

  /** @see StoreIndex.prepareText */
  async prepare(source: Pick<RecordingText, "passages" | "commands">): Promise<PreparedText> {
    const text = await this.#access.write(() => Number(this.#sql.begin.run(NO_RECORDING, this.#now()).lastInsertRowid));
    await this.#fill(text, source);
    let isOpen = true;
    return {
      show: async (of) => {
        if (!isOpen) return false;
        isOpen = false;
        const isShown = await this.#orDiscard(text, () => this.#access.write(() => this.#showLate(text, of)));
        await this.sweep();
        return isShown;
      },
      discard: async () => {
        if (!isOpen) return;
        isOpen = false;
        await this.#access.write(() => this.#sql.discard.run(text));
        await this.sweep();
      },
    };
  }

  /** To be called within a transaction: the text is not seen any more, and goes with the next sweep. */
  discard(text: number): void {
    this.#sql.discard.run(text);
  }

  /** Takes away what is discarded or left behind, by short transactions. */
  async sweep(): Promise<void> {
    while (await this.#access.write(() => this.#sweepSome())) await nextTurn();
  }

  async #fill(text: number, { passages, commands }: Pick<RecordingText, "passages" | "commands">): Promise<void> {
    await this.#orDiscard(text, async () => {
      await this.#addPassages(text, passages);
      await this.#addCommands(text, commands());
    });
  }

  async #orDiscard<T>(text: number, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      // Best effort: what is not taken away now is later.
      await this.#access.write(() => this.#sql.discard.run(text)).catch(() => {});
      throw error;
    }
  }

  async #addPassages(text: number, passages: AsyncIterable<Passage>): Promise<void> {
    let packs: Pack[] = [];
    let units = 0;
    let open: Passage[] = [];
    let openUnits = 0;
    const close = () => {
      if (open.length > 0) packs.push(packOf(open));
      units += openUnits;
      open = [];
      openUnits = 0;
    };
    const flush = async () => {
      const some = packs;
      packs = [];
      units = 0;
      if (some.length > 0) await this.#access.write(() => this.#insertPacks(text, some));
    };
    for await (const passage of passages) {
      if (passage.lines.length === 0) continue;
      open.push(passage);
      for (const line of passage.lines) openUnits += line.text.length + 1;
      if (openUnits >= PACK_UNITS || open.length >= PACK_PASSAGES) close();
      if (units >= BATCH_UNITS || packs.length >= BATCH_PASSAGES) await flush();
    }
    close();
    await flush();
  }

  #insertPacks(text: number, packs: readonly Pack[]): void {
    this.#touch(text);
    for (const { bytes, passages } of packs) {
      const pack = this.#sql.addPack.run(bytes).lastInsertRowid;
      for (const { firstNs, lastNs, firstLine, lines, grams } of passages) {
        const { lastInsertRowid } = this.#sql.addPassage.run(text, firstNs, lastNs, pack, firstLine, lines);
        this.#sql.addPassageGrams.run(lastInsertRowid, grams);
      }
    }
  }

  async #addCommands(text: number, commands: readonly IndexedCommand[]): Promise<void> {
    for (let at = 0; at < commands.length; ) {
      const blocks: (readonly IndexedCommand[])[] = [];
      while (at < commands.length && blocks.length < BATCH_PASSAGES) {
        const block = takeBlock(commands, at);
        blocks.push(block);
        at += block.length;
      }
      await this.#access.write(() => {
        this.#touch(text);
        for (const block of blocks) this.#insertBlock(text, block);
      });
    }
  }

  #insertBlock(text: number, block: readonly IndexedCommand[]): void {
    const row = Number(this.#sql.addBlock.run(text).lastInsertRowid);
    for (const { number, line, cwd, startNs, durationNs, exitStatus } of block) {
      const cut = line.slice(0, MAX_COMMAND);
      const folder = cwd?.slice(0, MAX_COMMAND) ?? null;
      this.#sql.addCommand.run(row, number, cut, folder, startNs, durationNs ?? null, exitStatus ?? null);
    }
    this.#sql.addBlockGrams.run(row, gramsOf(fold(block.map(({ line }) => line.slice(0, MAX_COMMAND)).join("\n"))));
  }

  /** @throws StoreError `T2A_STORE_CONFLICT` where the text was taken for left behind. */
  #touch(text: number): void {
    if (this.#sql.touch.run(this.#now(), text).changes === 0) {
      throw new StoreError("T2A_STORE_CONFLICT", "the recording's text was discarded while it was taken in: try again");
    }
  }

  /** One that nobody has touched for so long may have been taken away, or be about to be. */
  #showLate(text: number, of: TextOwner): boolean {
    if (this.#sql.touch.run(this.#now(), text).changes === 0) return false;
    const recording = this.#sql.recording.get(of.sessionId, of.recordingId) as number | undefined;
    if (recording !== undefined) this.#sql.give.run(recording, text);
    return this.#show(text, of);
  }

  /** Gives whether the recording is known. */
  #show(text: number, { sessionId, recordingId, title, startMs }: TextOwner): boolean {
    this.#touch(text);
    const recording = this.#sql.recording.get(sessionId, recordingId) as number | undefined;
    if (recording === undefined) {
      this.#sql.discard.run(text);
      return false;
    }
    const before = this.#sql.shown.pluck().get(recording) as number | null;
    if (before !== null) this.#sql.discard.run(before);
    this.#sql.finish.run(text);
    this.#sql.show.run(text, TEXT_VERSION, title, Math.round(startMs), recording);
    return true;
  }

  /** Gives whether there may be more. */
  #sweepSome(): boolean {
    const now = this.#now();
    const text = this.#sql.left.get(now - LEFT_MS, now + LEFT_MS) as number | undefined;
    if (text === undefined) return false;
    this.#sql.discard.run(text); // who left it may come back before all of it is gone
    const passages = this.#sql.passagesOf.all(text, SWEEP_ROWS);
    for (const { row, pack } of passages) {
      this.#sql.dropPassageGrams.run(row);
      this.#sql.dropPack.run(pack);
      this.#sql.dropPassage.run(row);
    }
    const blocks = this.#sql.blocksOf.all(text, SWEEP_ROWS) as number[];
    for (const row of blocks) {
      this.#sql.dropBlockGrams.run(row);
      this.#sql.dropCommands.run(row);
      this.#sql.dropBlock.run(row);
    }
    if (passages.length < SWEEP_ROWS && blocks.length < SWEEP_ROWS) this.#sql.dropText.run(text);
    return true;
  }
}

/** What a transaction is to take in, made before it begins. */
function packOf(passages: readonly Passage[]): Pack {
  let firstLine = 0;
  const prepared = passages.map(({ lines }) => {
    const passage = {
      firstNs: lines[0]?.timeNs ?? 0,
      lastNs: lines.at(-1)?.timeNs ?? 0,
      firstLine,
      lines: lines.length,
      grams: gramsOf(fold(lines.map(({ text }) => text).join("\n"))),
    };
    firstLine += lines.length;
    return passage;
  });
  return { bytes: encodePassage({ lines: passages.flatMap(({ lines }) => lines) }), passages: prepared };
}

function takeBlock(commands: readonly IndexedCommand[], from: number): readonly IndexedCommand[] {
  let units = 0;
  let at = from;
  while (at < commands.length && at - from < BLOCK_COMMANDS && (at === from || units < BLOCK_UNITS)) {
    units += Math.min(commands[at]?.line.length ?? 0, MAX_COMMAND);
    at++;
  }
  return commands.slice(from, at);
}
