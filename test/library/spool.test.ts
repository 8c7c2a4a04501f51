// The spool's folder: who may use it, and what stands in it that is no note, or nobody's any more.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { Spool, type SpoolNote } from "../../src/library/kept.js";
import { tempDir } from "../support/temp-dir.js";
import { newSession } from "./stores.js";

const NOBODY = 65534;
const GONE = 2 ** 22; // greater than any process has

function newSpool() {
  const path = tempDir();
  const spool = new Spool(path("spool"));
  const begin = (note: Partial<SpoolNote> = {}) => {
    const session = newSession();
    return spool.begin({ purpose: "recording", recordingId: session.id, store: "here", session, ...note });
  };
  return { path, spool, begin };
}

describe("the spool's folder", () => {
  it("is its user's alone, and is closed where others could enter", () => {
    const { path, spool } = newSpool();
    expect(spool.isEmpty).toBe(true);
    expect(spool.strays()).toEqual([]);
    mkdirSync(path("spool"));
    chmodSync(path("spool"), 0o777);
    spool.prepare();
    expect(statSync(path("spool")).mode & 0o777).toBe(0o700);
  });

  it.skipIf(process.getuid?.() !== 0)("is refused where it is another user's [needs root]", () => {
    const { path, spool, begin } = newSpool();
    spool.prepare();
    chownSync(path("spool"), NOBODY, NOBODY);
    expect(() => begin()).toThrow(expect.objectContaining({ code: "T2A_ACCESS" }));
  });

  it("is told of where it cannot be made or read", () => {
    const { path } = newSpool();
    writeFileSync(path("file"), "");
    const spool = new Spool(path("file/spool"));
    expect(() => spool.prepare()).toThrow(expect.objectContaining({ code: "T2A_FILE_IO" }));
    expect(() => spool.entries()).toThrow(expect.objectContaining({ code: "T2A_FILE_IO" }));
    expect(() => spool.change(newSession().id, { name: "x" })).toThrow(
      expect.objectContaining({ code: "T2A_FILE_IO" }),
    );
  });
});

describe("notes", () => {
  it("are held by their maker, of one store or of all, and go with what they stand for", () => {
    const { spool, begin } = newSpool();
    const [one, other] = [begin(), begin({ store: "there" })];
    expect(spool.entries().map(({ note }) => note.store)).toEqual(["here", "there"]);
    expect(spool.entries("there")).toMatchObject([{ isHeld: true, isActive: true }]);
    expect(spool.recordingsOf(one.note.session.id)).toEqual([one.note.recordingId]);
    expect(() => begin({ recordingId: one.note.recordingId })).toThrow(
      expect.objectContaining({ code: "T2A_FILE_LOCKED" }),
    );
    spool.change(one.note.recordingId, { name: "new" });
    spool.change(one.note.recordingId, { tags: ["a"] });
    expect(one.session()).toMatchObject({ name: "new", tags: ["a"] });
    writeFileSync(one.path, "");
    one.remove();
    other.release();
    expect(spool.hold(one.note.recordingId)).toBeUndefined();
    expect(spool.entries()).toMatchObject([{ isHeld: false, isActive: false }]);
    spool.hold(other.note.recordingId)?.remove();
    expect(readdirSync(spool.folder)).toEqual([]);
  });

  it("that cannot be read are told of, and give way to who begins anew; a recording beside them stays", () => {
    const { path, spool, begin } = newSpool();
    spool.prepare();
    const whole = begin();
    const text = JSON.stringify(whole.note);
    const { recordingId } = whole.note;
    whole.remove();
    const [huge, link, folder, ...others] = Array.from({ length: 7 }, () => newSession().id);
    const bad = ["rubbish", "[]", text, text.replace('"recording"', '"cooking"')];
    for (const [at, id] of others.entries()) writeFileSync(path(`spool/${id}.json`), bad[at] ?? "");
    writeFileSync(path(`spool/${huge}.json`), `${text}${" ".repeat(1024 * 1024)}`);
    symlinkSync(path("nowhere"), path(`spool/${link}.json`));
    mkdirSync(path(`spool/${folder}.json`));
    const told: string[] = [];
    expect(spool.entries(undefined, (damaged) => told.push(damaged))).toEqual([]);
    const seen = [huge, folder, ...others].map((id) => path(`spool/${id}.json`));
    expect(told.sort()).toEqual(seen.sort());
    writeFileSync(path(`spool/${huge}.t2r`), "kept");
    expect(spool.strays()).toEqual([path(`spool/${huge}.t2r`)]);
    expect(() => begin({ recordingId: huge as string, purpose: "adding" })).toThrow(
      expect.objectContaining({ code: "T2A_FILE_LOCKED", message: expect.stringContaining("t2a library add") }),
    );
    expect(existsSync(path(`spool/${huge}.t2r`))).toBe(true);
    begin({ recordingId: others[0] as string }).remove();
    expect(() => begin({ recordingId: folder as string })).toThrow(
      expect.objectContaining({ code: "T2A_FILE_LOCKED" }),
    );
    expect(recordingId).not.toBe(huge);
  });

  it("of what was only added give way; what dead writers left half written is swept", () => {
    const { path, spool, begin } = newSpool();
    const first = begin({ purpose: "adding" });
    writeFileSync(first.path, "half");
    first.release();
    const { recordingId } = first.note;
    const again = begin({ recordingId, purpose: "adding" });
    expect(existsSync(again.path)).toBe(false);
    writeFileSync(path(`spool/.${recordingId}.${GONE}.note`), "");
    writeFileSync(path(`spool/.${recordingId}.${process.pid}.note`), "");
    writeFileSync(path(`spool/${recordingId}.change.${GONE}.new`), "");
    spool.sweep();
    expect(readdirSync(spool.folder).sort()).toEqual([`.${recordingId}.${process.pid}.note`, `${recordingId}.json`]);
    again.remove();
  });
});
