// Histories that are databases: atuin's and nushell's, at rest and while they are written.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import Sqlite from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openFileSource } from "../../src/files/index.js";
import { AtuinFile, type HistoryEntry, MAX_HISTORY_ENTRY_BYTES, openHistory } from "../../src/history/index.js";
import { missing, run, titled } from "../support/programs.js";
import { tempDir } from "../support/temp-dir.js";
import { entries } from "./histories.js";

async function readFile(path: string, onCut?: () => void): Promise<{ name: string; found: HistoryEntry[] }> {
  const history = await openHistory(await openFileSource(path), { onCut });
  const found: HistoryEntry[] = [];
  for await (const entry of history.entries) found.push(entry);
  await history.close();
  return { name: history.name, found };
}

async function atuinFile(path: string, list: readonly HistoryEntry[]): Promise<void> {
  const file = await AtuinFile.create(path);
  for (const entry of list) file.add(entry, "demo.cast");
  file.end();
}

/** As reedline makes it. */
const NUSHELL = `create table history (id integer primary key autoincrement, command_line text not null, start_timestamp integer,
  session_id integer, hostname text, cwd text, duration_ms integer, exit_status integer, more_info text) strict`;

describe("atuin's history", () => {
  it("holds everything that an entry knows, each entry once, in order of time", async () => {
    await fc.assert(
      fc.asyncProperty(entries(), async (list) => {
        const path = tempDir();
        await atuinFile(path("history.db"), list);
        const held = list
          .map((entry) => ({ ...entry, line: entry.line.replaceAll("\0", "") }))
          .filter(({ line }) => line.trim() !== "");
        const key = ({ time, cwd, line }: HistoryEntry) => JSON.stringify([String(time), cwd, line]);
        const first = held.filter((entry, index) => held.findIndex((other) => key(other) === key(entry)) === index);
        const sorted = first.sort((one, other) => Number((one.time ?? 0n) - (other.time ?? 0n)));
        const { name, found } = await readFile(path("history.db"));
        expect(name).toBe("atuin");
        expect(found).toEqual(sorted);
      }),
      { numRuns: 30 },
    );
  });

  it("is the same file whenever it is written, with ids as atuin makes them", async () => {
    const path = tempDir();
    const list = [
      { line: "ls", time: 1_700_000_000_123_456_789n, duration: 5, exitStatus: 1, cwd: "/", user: "ann", host: "box" },
    ];
    await atuinFile(path("a.db"), list);
    await atuinFile(path("b.db"), list);
    expect(Buffer.compare(readFileSync(path("a.db")), readFileSync(path("b.db")))).toBe(0);
    const database = new Sqlite(path("a.db"), { readonly: true });
    const row = database.prepare<[], Record<string, unknown>>("select * from history").get();
    expect(row).toMatchObject({ ...{ duration: 5, exit: 1, command: "ls", cwd: "/", hostname: "box:ann" } });
    expect(row?.id).toMatch(/^018bcfe5687b7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    expect(row?.session).toMatch(/^0{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    database.close();
  });

  it("-1 is what is not known, deleted entries are passed over, times may be text as in its first version", async () => {
    const path = tempDir();
    const database = new Sqlite(path("h.db"));
    database.exec(`create table history (id text primary key, timestamp text not null, duration integer not null,
      exit integer not null, command text not null, cwd text not null, session text not null, hostname text not null, deleted_at integer)`);
    const insert = database.prepare("insert into history values (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.run("1", "1700000000000000001", -1, -1, "sleep", "unknown", "s", "box", null);
    insert.run("2", "999", 7, 2, "early", "/", "s", "box:ann:b", null);
    insert.run("3", "1000", 7, 2, "gone", "/", "s", "box:ann", 5);
    database.close();
    expect((await readFile(path("h.db"))).found).toEqual([
      { line: "early", time: 999n, duration: 7, exitStatus: 2, cwd: "/", host: "box", user: "ann:b" },
      { line: "sleep", time: 1_700_000_000_000_000_001n, host: "box" },
    ]);
  });

  const noSqlite = missing("sqlite3");
  it.skipIf(noSqlite)(titled("is sound, as sqlite3 sees it", noSqlite), async () => {
    const path = tempDir();
    await atuinFile(path("h.db"), [{ line: "ls; 'x'", time: 5n }]);
    const say = (sql: string) =>
      run("sqlite3", [path("h.db"), sql])
        .toString()
        .trim();
    expect(say("pragma integrity_check")).toBe("ok");
    expect(say("select timestamp, duration, exit, command, cwd, hostname from history")).toBe(
      "5|-1|-1|ls; 'x'|unknown|unknown:unknown",
    );
  });
});

describe("nushell's history as a database", () => {
  it("is in milliseconds, and may know nothing but lines", async () => {
    const path = tempDir();
    const database = new Sqlite(path("history.sqlite3"));
    database.exec(NUSHELL);
    const insert = database.prepare("insert into history values (null, ?, ?, 1, ?, ?, ?, ?, null)");
    insert.run("ls | length", 1_700_000_000_123, "box", "/tmp", 1500, 0);
    insert.run("exit", null, null, null, null, null);
    database.close();
    expect(await readFile(path("history.sqlite3"))).toEqual({
      name: "nushell",
      found: [
        {
          ...{ line: "ls | length", time: 1_700_000_000_123_000_000n, duration: 15e8, exitStatus: 0 },
          ...{ cwd: "/tmp", host: "box" },
        },
        { line: "exit" },
      ],
    });
  });
});

describe("a database", () => {
  /** Names and bytes of what is in the folder; the index of a log, which readers share, is left out. */
  const folder = (path: string) =>
    readdirSync(path)
      .sort()
      .map((name) => (name.endsWith("-shm") ? name : `${name} ${readFileSync(`${path}/${name}`).toString("base64")}`));

  it("is read while it is written, with what is only in its log, and nothing is changed", async () => {
    const path = tempDir();
    const live = new Sqlite(path("h.db"));
    live.pragma("journal_mode = wal");
    live.exec(NUSHELL);
    live.exec("insert into history (command_line) values ('one')");
    const before = folder(path("."));
    expect(before).toHaveLength(3);
    expect((await readFile(path("h.db"))).found).toEqual([{ line: "one" }]);
    expect(folder(path("."))).toEqual(before);
    live.exec("insert into history (command_line) values ('two')");
    expect((await readFile(path("h.db"))).found).toHaveLength(2);
    live.close();
  });

  it("with a log that nobody has open is read, and no file appears beside it", async () => {
    const path = tempDir();
    const live = new Sqlite(path("h.db"));
    live.pragma("journal_mode = wal");
    live.exec(`${NUSHELL}; insert into history (command_line) values ('one')`);
    live.close();
    const before = folder(path("."));
    expect(before).toHaveLength(1);
    expect((await readFile(path("h.db"))).found).toEqual([{ line: "one" }]);
    expect(folder(path("."))).toEqual(before);
  });

  it("an entry is cut at its bound", async () => {
    const path = tempDir();
    const database = new Sqlite(path("h.db"));
    database.exec(NUSHELL);
    database.prepare("insert into history (command_line) values (?)").run("x".repeat(3 * MAX_HISTORY_ENTRY_BYTES));
    database.close();
    let cut = 0;
    const { found } = await readFile(path("h.db"), () => cut++);
    expect([found[0]?.line.length, cut]).toEqual([MAX_HISTORY_ENTRY_BYTES, 1]);
  });

  it("of something else is refused, and so is a damaged one", async () => {
    const path = tempDir();
    const database = new Sqlite(path("other.db"));
    database.exec("create table history (id integer)");
    database.close();
    await expect(readFile(path("other.db"))).rejects.toThrow("a database, but no history of atuin or nushell");
    writeFileSync(path("bad.db"), `SQLite format 3\0${"x".repeat(5000)}`);
    await expect(readFile(path("bad.db"))).rejects.toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
    await atuinFile(
      path("h.db"),
      Array.from({ length: 5000 }, (_, time) => ({ line: `echo ${time}`, time: BigInt(time) })),
    );
    const bytes = readFileSync(path("h.db"));
    writeFileSync(path("cut.db"), bytes.fill(0xff, 20_000, 200_000));
    await expect(readFile(path("cut.db"))).rejects.toMatchObject({ code: "T2A_FORMAT_DAMAGED" });
    const source = await openFileSource(path("h.db"));
    await expect(openHistory(source, { shell: "nushell" })).rejects.toThrow("it is of atuin, not of nushell");
  });
});
