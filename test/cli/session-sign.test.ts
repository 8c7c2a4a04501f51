// Recordings of sessions are signed with the key of record.sign_key: when they end, and as far as they came where their holder was killed.
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pollUntil } from "../support/poll-until.js";
import { missing, titled } from "../support/programs.js";
import { sessionHouse } from "./session-house.js";

const reason = missing("bash");

describe.skipIf(reason)(titled("record.sign_key", reason), () => {
  it("signs what sessions record, and what is left of those whose holder was killed", { timeout: 60_000 }, async () => {
    const house = sessionHouse();
    const { t2a, session, base } = house;
    const { file, fingerprint } = JSON.parse((await t2a("key", "create", "--json")).stdout);
    writeFileSync(join(base, "c/t2a/config.toml"), `[record]\nsign_key = "${file}"\n`);
    const folderOf = (id: string) => join(base, "d/t2a/sessions", id);
    const recordingOf = async (id: string) => {
      const find = () => readdirSync(folderOf(id)).filter((name) => name.endsWith(".t2r"));
      await pollUntil("the recording is in the library", () => find().length === 1, 30_000);
      return join(folderOf(id), find()[0] ?? "");
    };
    const started = async (...args: readonly string[]) => {
      const { status, stdout, stderr } = await session("new", "-d", "--json", ...args);
      expect([status, stderr]).toEqual([0, ""]);
      return JSON.parse(stdout) as { id: string; live: { holderPid: number; recordingId: string } };
    };
    const ended = await started("--name", "ended");
    const killed = await started("--name", "killed");
    expect((await session("run", "ended", "echo hello")).stdout).toContain("hello");
    expect((await session("run", "killed", "echo lost")).stdout).toContain("lost");
    expect((await session("kill", "ended")).status).toBe(0);
    const verified = async (path: string) => (await t2a("verify", path)).stdout;
    expect(await verified(await recordingOf(ended.id))).toBe(`intact, signed by ${fingerprint}\n`);
    const journal = join(base, "d/t2a/spool", `${killed.live.recordingId}.t2r`);
    await pollUntil("what it has is signed", async () => (await verified(journal)).includes(fingerprint));
    process.kill(killed.live.holderPid, "SIGKILL");
    expect(await verified(await recordingOf(killed.id))).toBe(`intact, signed by ${fingerprint}\n`);

    rmSync(file);
    const refused = await session("new", "-d");
    expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining(`there is no key ${file}`)]);
  });
});
