// A daemon that was killed on a disk without room for a byte: the next one starts, and sessions can be looked at, attached and ended.
import { appendFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import type { AttachMessage } from "../../src/session/index.js";
import { mountSmallDisk, noSmallDisk } from "../files/small-disk.js";
import { daemonWorld, isAlive } from "../support/daemon-world.js";
import { pollUntil } from "../support/poll-until.js";
import { missing, titled } from "../support/programs.js";
import { PROGRAMS } from "../support/run-cli.js";

const reason = noSmallDisk() ?? missing("bash");

describe.skipIf(reason)(titled("a daemon on a full disk", reason), () => {
  it("starts again after it was killed, has its sessions, and says what is wrong", { timeout: 60_000 }, async () => {
    const disk = mountSmallDisk("6m");
    if (disk === undefined) throw new Error("the disk could not be mounted");
    const holders = new Set<number>();
    onTestFinished(() => disk.remove());
    const more = { SHELL: "/bin/bash", LANG: "C.UTF-8" };
    const world = daemonWorld(fileURLToPath(PROGRAMS).replace(/\/$/, ""), more, disk.folder);
    onTestFinished(async () => {
      for (const pid of holders) if (isAlive(pid)) process.kill(pid, "SIGKILL");
      await pollUntil("the holders' end", () => ![...holders].some(isAlive));
    });
    const { env, cli, connect } = world;
    const client = connect();
    const { id } = await client.createSession({ name: "kept", env });
    await client.wait(id, { prompt: true, timeoutMs: 20_000 });
    await client.runCommand(id, "echo before");
    const first = await client.stats();
    for (const { pid } of first.holders) holders.add(pid);
    expect(first.problems).toEqual([]);

    const filler = join(disk.folder, "filler");
    writeFileSync(filler, "");
    process.kill(first.pid, "SIGKILL");
    await pollUntil("its end", () => !isAlive(first.pid));
    const shared = join(world.base, "data/t2a/index.sqlite-shm");
    rmSync(shared, { force: true }); // as where a machine went down
    expect(() => {
      for (;;) appendFileSync(filler, Buffer.alloc(4096));
    }).toThrow("ENOSPC");
    const hasIndex = existsSync(shared); // who moves recordings may have made it anew by then

    expect((await client.screen(id)).lines.join("\n")).toContain("before");
    const status = await cli(["daemon", "status"]);
    expect(status.status).toBe(0);
    if (!hasIndex) expect(status.stdout).toMatch(/^problem .*index\.sqlite: the disk is full/m);
    expect(status.stdout).toMatch(/^problem .*the disk of .* is full: sessions go on/m);
    const attachment = await client.attach(id, { cols: 80, rows: 24 });
    const seen: AttachMessage[] = [];
    const done = (async () => {
      for await (const message of attachment.messages) seen.push(message);
    })();
    attachment.send(Buffer.from("echo aft''er\r"));
    expect((await client.wait(id, { text: "^after", timeoutMs: 20_000 })).reason).toBe("text");
    await expect(client.createSession({ name: "another", env })).rejects.toMatchObject({ code: "T2A_FILE_IO" });
    await client.killSession(id);
    await done;
    expect(seen.at(-1)?.type).toBe("exit");

    rmSync(filler);
    expect((await cli(["daemon", "restart"])).status).toBe(0);
    expect((await client.stats()).problems).toEqual([]);
    await pollUntil(
      "its recording is in the library",
      async () => (await client.getSession(id)).recordings.length === 1,
      20_000,
    );
    expect((await client.getSession(id)).status).not.toBe("active");
    const { pid } = await client.stats();
    expect((await cli(["daemon", "stop"])).status).toBe(0);
    await pollUntil("the daemon's end", () => !isAlive(pid));
  });
});
