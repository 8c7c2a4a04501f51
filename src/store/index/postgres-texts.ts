// The texts of recordings in an index in PostgreSQL: taken in by short transactions that nobody sees the work of, then shown
// by one, in place of what was there. What somebody left behind who was ended in the middle is taken away by the next.
import { StoreError } from "../../core/index.js";
import type { PostgresClients } from "../drivers/postgres-clients.js";
import { encodePassage } from "../search/passage-codec.js";
import type { IndexedCommand, Passage, RecordingText } from "../search/search.js";
import type { UnindexedRecording } from "../store-index.js";
import { codesOf, packCodes } from "./gram-codes.js";
import { SqlValues } from "./postgres-filter.js";
import { escapeText } from "./text-escape.js";

/** Raised whenever the same recording would give other text: what older ones took in is taken in again. */
export const TEXT_VERSION = 1;
/** UTF-16 units of passages that are packed in one row, and passages at most. */
const PACK_UNITS = 12 * 1024;
const PACK_PASSAGES = 16;
/**
 * UTF-16 units of passages whose grams wait to be put in order: many together are so quicker, and each search goes through those that
 * wait. Whoever added so many sees to it, and waits for others who do: so never many more wait, however many add at once.
 */
const WAITING_UNITS = 2 * 1024 * 1024;
/** UTF-16 units that one statement takes in, and rows. */
const BATCH_UNITS = 512 * 1024;
const BATCH_ROWS = 64;
/** Commands in one block, and UTF-16 units of their lines: looked at together. */
const BLOCK_COMMANDS = 64;
const BLOCK_UNITS = 8 * 1024;
/** UTF-16 units of a command's line and folder that are kept. */
const MAX_COMMAND = 16 * 1024;
/** A text that nobody added to for so long is left behind, by the server's clock. */
const LEFT = "interval '10 minutes'";
/** Texts that one statement takes away. */
const SWEEP_TEXTS = 20;

interface Pack {
  readonly firstNs: number;
  readonly lastNs: number;
  readonly lines: readonly number[];
  readonly bytes: Uint8Array;
  readonly grams: Buffer;
}

/** Takes in texts and takes them away. */
export class PostgresTexts {
  readonly #clients: PostgresClients;
  #waitingUnits = 0;

  constructor(clients: PostgresClients) {
    this.#clients = clients;
  }

  /** @see StoreIndex.listUnindexed */
  async listUnindexed(limit: number): Promise<readonly UnindexedRecording[]> {
    const { rows } = await this.#clients.query<{ session_id: string; recording_id: string }>(
      `SELECT s.id AS session_id, r.id AS recording_id
      FROM t2a_index_recordings r JOIN t2a_index_sessions s ON s.row = r.session
      WHERE r.text_version < ${TEXT_VERSION} ORDER BY r.row LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({ sessionId: row.session_id, recordingId: row.recording_id }));
  }

  /** @see StoreIndex.putText */
  async put(source: RecordingText): Promise<void> {
    const begun = await this.#clients.query<{ row: string }>(
      `INSERT INTO t2a_index_texts (recording, touched_at)
      SELECT r.row, clock_timestamp() FROM t2a_index_recordings r JOIN t2a_index_sessions s ON s.row = r.session
      WHERE s.id = $1 AND r.id = $2 RETURNING row`,
      [escapeText(source.sessionId), escapeText(source.recordingId)],
    );
    const text = begun.rows[0]?.row;
    if (text === undefined) return;
    try {
      await this.#addPassages(text, source.passages);
      await this.#addCommands(text, source.commands());
      await this.#show(text, source);
    } catch (error) {
      // Best effort: what is not taken away now is later.
      const sql = "UPDATE t2a_index_texts SET touched_at = '-infinity' WHERE row = $1 AND touched_at IS NOT NULL";
      await this.#clients.query(sql, [text], { isOnce: true }).catch(() => {});
      throw error;
    }
    await this.sweep();
  }

  /** Takes away what is discarded or left behind, by short transactions. */
  async sweep(): Promise<void> {
    const sql = `WITH left_behind AS (
        DELETE FROM t2a_index_texts WHERE row IN (
          SELECT row FROM t2a_index_texts WHERE touched_at < clock_timestamp() - ${LEFT}
          LIMIT ${SWEEP_TEXTS} FOR UPDATE SKIP LOCKED)
        RETURNING row),
      packs AS (DELETE FROM t2a_index_packs WHERE text IN (SELECT row FROM left_behind)),
      blocks AS (DELETE FROM t2a_index_blocks WHERE text IN (SELECT row FROM left_behind) RETURNING row),
      commands AS (DELETE FROM t2a_index_commands WHERE block IN (SELECT row FROM blocks))
      SELECT count(*)::int AS gone FROM left_behind`;
    for (;;) {
      const { rows } = await this.#clients.query<{ gone: number }>(sql, [], { patience: 10 });
      if ((rows[0]?.gone ?? 0) < SWEEP_TEXTS) return;
    }
  }

  async #addPassages(text: string, passages: AsyncIterable<Passage>): Promise<void> {
    let batch: Pack[] = [];
    let batchUnits = 0;
    let some: Passage[] = [];
    let units = 0;
    const pack = async (isLast: boolean) => {
      if (some.length > 0) batch.push(packOf(some));
      batchUnits += units;
      some = [];
      units = 0;
      if (batch.length === 0 || (!isLast && batchUnits < BATCH_UNITS && batch.length < BATCH_ROWS)) return;
      await this.#insertPacks(text, batch);
      this.#waitingUnits += batchUnits;
      if (this.#waitingUnits >= WAITING_UNITS) await this.#order();
      batch = [];
      batchUnits = 0;
    };
    for await (const passage of passages) {
      if (passage.lines.length === 0) continue;
      some.push(passage);
      for (const line of passage.lines) units += line.text.length + 1;
      if (units >= PACK_UNITS || some.length >= PACK_PASSAGES) await pack(false);
    }
    await pack(true);
  }

  /** Puts the grams in order that wait, others' too. */
  async #order(): Promise<void> {
    this.#waitingUnits = 0;
    await this.#clients.query("SELECT gin_clean_pending_list('t2a_index_pack_grams')", [], { patience: 10 });
  }

  async #insertPacks(text: string, batch: readonly Pack[]): Promise<void> {
    const numbers = await this.#draw("t2a_index_packs_row", batch.length);
    const values = new SqlValues();
    const touched = values.add(text);
    const rows = batch.map(({ firstNs, lastNs, lines, bytes, grams }, at) => {
      const number = numbers[at] ?? 0;
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const list = [number, firstNs, lastNs, lines, buffer, grams];
      const types = ["bigint", "bigint", "bigint", "int[]", "bytea", "bytea"];
      return `(${list.map((value, column) => `${values.add(value)}::${types[column]}`).join(", ")})`;
    });
    await this.#add(
      text,
      `INSERT INTO t2a_index_packs (row, text, first_ns, last_ns, lines, bytes, grams)
      SELECT p.number, touched.row, p.first_ns, p.last_ns, p.lines, p.bytes, p.grams
      FROM touched, (VALUES ${rows.join(", ")}) AS p (number, first_ns, last_ns, lines, bytes, grams)
      ON CONFLICT DO NOTHING`,
      touched,
      values,
    );
  }

  async #addCommands(text: string, commands: readonly IndexedCommand[]): Promise<void> {
    for (let at = 0; at < commands.length; ) {
      const blocks: (readonly IndexedCommand[])[] = [];
      for (let units = 0; at < commands.length && blocks.length < BATCH_ROWS && units < BATCH_UNITS; ) {
        const block = takeBlock(commands, at);
        blocks.push(block);
        at += block.length;
        for (const { line, cwd } of block) units += line.length + (cwd?.length ?? 0);
      }
      await this.#insertBlocks(text, blocks);
    }
  }

  async #insertBlocks(text: string, blocks: readonly (readonly IndexedCommand[])[]): Promise<void> {
    const numbers = await this.#draw("t2a_index_blocks_row", blocks.length);
    const values = new SqlValues();
    const touched = values.add(text);
    const rows = blocks.map((block, at) => {
      const number = numbers[at] ?? 0;
      const grams = packCodes(codesOf(block.map(({ line }) => cutLine(line)).join("\n")));
      const hasFailed = block.some(({ exitStatus }) => (exitStatus ?? 0) !== 0);
      const list = [number, hasFailed, grams];
      const types = ["bigint", "boolean", "bytea"];
      return `(${list.map((value, column) => `${values.add(value)}::${types[column]}`).join(", ")})`;
    });
    const commands = blocks.flatMap((block, at) => block.map((command) => ({ ...command, block: numbers[at] ?? 0 })));
    const column = (of: (command: (typeof commands)[number]) => unknown) => values.add(commands.map(of));
    const columns = [
      `${column(({ block }) => block)}::bigint[]`,
      `${column(({ number }) => number)}::bigint[]`,
      `${column(({ line }) => escapeText(cutLine(line)))}::text[]`,
      `${column(({ cwd }) => (cwd === undefined ? null : escapeText(cutLine(cwd))))}::text[]`,
      `${column(({ startNs }) => Math.round(startNs))}::bigint[]`,
      `${column(({ durationNs }) => (durationNs === undefined ? null : Math.round(durationNs)))}::bigint[]`,
      `${column(({ exitStatus }) => exitStatus ?? null)}::int[]`,
    ];
    await this.#add(
      text,
      `INSERT INTO t2a_index_commands SELECT c.* FROM touched, unnest(${columns.join(", ")}) AS c ON CONFLICT DO NOTHING`,
      touched,
      values,
      `blocks AS (
        INSERT INTO t2a_index_blocks (row, text, has_failed, grams)
        SELECT b.number, touched.row, b.has_failed, b.grams
        FROM touched, (VALUES ${rows.join(", ")}) AS b (number, has_failed, grams) ON CONFLICT DO NOTHING)`,
    );
  }

  /** Draws numbers for rows, ascending: what a row holds depends on its number. */
  async #draw(sequence: string, count: number): Promise<readonly number[]> {
    const sql = `SELECT nextval('${sequence}')::float8 AS number FROM generate_series(1, $1)`;
    const { rows } = await this.#clients.query<{ number: number }>(sql, [count]);
    return rows.map(({ number }) => number);
  }

  /** Adds rows to a text, unless it was taken for left behind. Done twice it is done once. */
  async #add(text: string, insert: string, touched: string, values: SqlValues, more?: string): Promise<void> {
    const sql = `WITH touched AS (
        UPDATE t2a_index_texts SET touched_at = clock_timestamp()
        WHERE row = ${touched} AND touched_at > '-infinity' RETURNING row),
      ${more === undefined ? "" : `${more},`} added AS (${insert})
      SELECT row FROM touched`;
    const { count } = await this.#clients.query(sql, values.list);
    if (count === 0) throw discarded(text);
  }

  async #show(text: string, { sessionId, recordingId, title, startMs }: RecordingText): Promise<void> {
    await this.#clients.transaction(async ({ query }, tryNumber) => {
      // The recording is locked: of two texts of it the later one stays.
      const { rows } = await query<{ row: string; text: string | null }>(
        `SELECT r.row, r.text FROM t2a_index_recordings r JOIN t2a_index_sessions s ON s.row = r.session
        WHERE s.id = $1 AND r.id = $2 FOR UPDATE OF r`,
        [escapeText(sessionId), escapeText(recordingId)],
      );
      const [recording] = rows;
      // An earlier try did it, its answer lost.
      if (tryNumber > 1 && recording?.text === text) return;
      const { count } = await query(
        "UPDATE t2a_index_texts SET touched_at = $2::timestamptz WHERE row = $1 AND touched_at > '-infinity'",
        [text, recording === undefined ? "-infinity" : null],
      );
      if (count === 0) throw discarded(text);
      if (recording === undefined) return;
      await query("UPDATE t2a_index_texts SET touched_at = '-infinity' WHERE row = $1", [recording.text]);
      await query(
        "UPDATE t2a_index_recordings SET text = $2, text_version = $3, text_title = $4, start_ms = $5 WHERE row = $1",
        [recording.row, text, TEXT_VERSION, escapeText(title), Math.round(startMs)],
      );
    });
  }
}

function packOf(passages: readonly Passage[]): Pack {
  const lines = passages.flatMap((passage) => passage.lines);
  return {
    firstNs: Math.round(lines[0]?.timeNs ?? 0),
    lastNs: Math.round(lines.at(-1)?.timeNs ?? 0),
    lines: passages.map((passage) => passage.lines.length),
    bytes: encodePassage({ lines }),
    grams: packCodes(codesOf(lines.map((line) => line.text).join("\n"))),
  };
}

function discarded(text: string): StoreError {
  return new StoreError("T2A_STORE_CONFLICT", "the recording's text was discarded while it was taken in: try again", {
    details: { text },
  });
}

function cutLine(line: string): string {
  return line.slice(0, MAX_COMMAND);
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
