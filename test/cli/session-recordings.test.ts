// A session with several recordings where files are named: all of them in their order, or the one whose id it is.
import { describe, expect, it } from "vitest";
import { openStore } from "../../src/store/index.js";
import { writeCast } from "../library/libraries.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

/** A session that was resumed once: its document lists two recordings. */
async function resumed() {
  const path = tempDir();
  const env = { XDG_DATA_HOME: path("data"), XDG_CACHE_HOME: path("cache") };
  const ok = async (...args: string[]) => {
    const result = await runCli(args, { env });
    expect(result.status, result.stderr).toBe(0);
    return result.stdout;
  };
  for (const [at, name] of ["first", "second"].entries()) {
    const output = `\u001b]133;A\u0007$ \u001b]133;B\u0007echo ${name}\r\n\u001b]133;C\u0007${name} part\r\n\u001b]133;D;${at}\u0007`;
    const file = writeCast(path(`${name}.cast`), { timestamp: 1_760_000_000 + at * 60, title: name, output, exit: 0 });
    await ok("library", "add", "-q", file);
  }
  const store = await openStore({ driver: "files", folder: path("data/t2a") }, { cacheFolder: path("cache") });
  const { sessions } = await store.index.listSessions({ isAscending: true });
  const [first, second] = sessions;
  const recording = second?.recordings[0];
  if (first === undefined || second === undefined || recording === undefined) throw new Error("no sessions");
  await store.storage.putBlob(first.id, recording.name, store.storage.readBlob(second.id, recording.name));
  await store.update(first.id, (session) => ({ ...session, recordings: [...session.recordings, recording] }));
  await store.remove(second.id);
  await store.close();
  return { ok, path, id: first.id, recordingId: recording.id };
}

describe("a session with several recordings", () => {
  it("is played, shown, converted and analyzed as one", async () => {
    const { ok, path, id } = await resumed();
    expect(await ok("play", "--bare", "-q", "-s", "1000", "-i", "0.1", id)).toMatch(/first part[\s\S]*second part/);
    expect(await ok("screen", id)).toMatch(/first part\n[\s\S]*second part/);
    expect(await ok("screen", "--at", "1", id)).not.toContain("second");
    const commands = JSON.parse(await ok("commands", "--json", id));
    expect(commands.map(({ line }: { line: string }) => line)).toEqual(["echo first", "echo second"]);
    expect(commands.map(({ exitStatus }: { exitStatus: number }) => exitStatus)).toEqual([0, 1]);
    const report = JSON.parse(await ok("analyze", "--format", "json", id));
    expect(JSON.stringify(report)).toContain("echo second");
    await ok("convert", "-q", id, path("whole.t2r"));
    expect(JSON.parse(await ok("info", "--json", path("whole.t2r"))).durationNs).toBe(60.5e9);
    expect(await ok("grep", "part", id)).toMatch(/first part[\s\S]*second part/);
  });

  it("has recordings that are named by their own ids", async () => {
    const { ok, recordingId } = await resumed();
    const text = await ok("screen", recordingId);
    expect(text).toContain("second part");
    expect(text).not.toContain("first");
    expect(await ok("cat", recordingId)).not.toContain("first");
  });
});
