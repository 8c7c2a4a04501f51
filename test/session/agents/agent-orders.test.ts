// Notes of what is being done with agents' sessions, and the small private files that they and others are.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { ulid } from "ulid";
import { describe, expect, it } from "vitest";
import { readPrivateFile, writePrivateFile } from "../../../src/files/index.js";
import { AgentOrders } from "../../../src/session/agents/agent-orders.js";
import { tempDir } from "../../support/temp-dir.js";

describe("orders for agents' sessions", () => {
  it("are nobody's while somebody works on them, and found once they are left", () => {
    const path = tempDir();
    const orders = new AgentOrders(path("orders"));
    expect([...orders.abandoned()]).toEqual([]);
    const [one, two] = [ulid(1), ulid(2)];
    const spawn = { kind: "spawn", child: ulid() } as const;
    const live = { kind: "live", parent: ulid(), number: 2, to: "alice" } as const;
    const first = orders.begin(one, spawn);
    const second = orders.begin(two, live);
    expect([...orders.abandoned()]).toEqual([]);
    expect(statSync(path("orders")).mode & 0o777).toBe(0o700);
    second.release();
    second.release();
    const found = [...orders.abandoned()];
    expect(found.map(({ order }) => order)).toEqual([expect.objectContaining(live)]);
    expect([...orders.abandoned()]).toEqual([]); // it is held by who found it
    found[0]?.end();
    first.end();
    expect(readdirSync(path("orders"))).toEqual([]);
    expect(() => [orders.begin(one, spawn), orders.begin(one, spawn)]).toThrow("a name of its own");
  });

  it("that cannot be read go, and files that are none stay", () => {
    const path = tempDir();
    mkdirSync(path("orders"));
    const orders = new AgentOrders(path("orders"));
    for (const text of ["", "no JSON", '{"version": 2}', `{"version": 1, "kind": "${"x".repeat(70_000)}"}`])
      writeFileSync(path(`orders/${ulid()}.json`), text);
    writeFileSync(path("orders/mine.txt"), "mine");
    expect([...orders.abandoned()]).toEqual([]);
    expect(readdirSync(path("orders"))).toEqual(["mine.txt"]);
  });

  it("fail with what the system says where their folder cannot be used", () => {
    const path = tempDir();
    writeFileSync(path("file"), "");
    const orders = new AgentOrders(path("file"));
    expect(() => orders.begin(ulid(), { kind: "spawn", child: ulid() })).toThrow(/T2A|EEXIST|ENOTDIR|cannot/);
    expect(() => [...orders.abandoned()]).toThrow(/file/);
  });
});

describe("a private file", () => {
  it("is written whole, for nobody else, in a folder for nobody else", () => {
    const path = tempDir();
    mkdirSync(path("open"), { mode: 0o755 });
    chmodSync(path("open"), 0o755);
    writePrivateFile(path("open/file"), "one");
    writePrivateFile(path("open/file"), "two");
    expect(readFileSync(path("open/file"), "utf8")).toBe("two");
    expect(statSync(path("open/file")).mode & 0o777).toBe(0o600);
    expect(statSync(path("open")).mode & 0o777).toBe(0o700);
    expect(readdirSync(path("open"))).toEqual(["file"]);
  });

  it("is undefined where there is none, and an error where it is too large or no file", () => {
    const path = tempDir();
    expect(readPrivateFile(path("none"), 10)).toBeUndefined();
    writePrivateFile(path("large"), "x".repeat(11));
    for (const name of ["large", "."]) {
      expect(() => readPrivateFile(path(name), 10)).toThrow(/no file of at most 10 bytes/);
    }
    expect(() => readPrivateFile(path("large/below"), 10)).toThrow(expect.objectContaining({ code: "T2A_FILE_IO" }));
    expect(() => writePrivateFile(path("large/below"), "x")).toThrow(expect.objectContaining({ code: "T2A_FILE_IO" }));
    mkdirSync(path("taken"));
    expect(() => writePrivateFile(path("taken"), "x")).toThrow(expect.objectContaining({ code: "T2A_FILE_IO" }));
    expect(existsSync(path("taken"))).toBe(true);
  });
});
