// The sessions of this machine, as the daemon opens them.
import { rmSync, writeFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { createContext } from "../../src/cli/context.js";
import { openLocalSessions } from "../../src/cli/local-sessions.js";
import { userHere } from "../support/daemon-here.js";
import { pollUntil } from "../support/poll-until.js";
import { PROGRAMS } from "../support/run-cli.js";

const silent = () => {};
const LOG = { debug: silent, info: silent, warn: silent, error: silent, fatal: silent };

describe("opening the sessions of this machine", () => {
  it("fails with what is wrong with the settings, the store or the runtime folder, and leaves nothing open", async () => {
    const open = (env: Readonly<Record<string, string>>) => {
      const user = userHere(env);
      return openLocalSessions(user.context, LOG);
    };
    await expect(open({ T2A_STORE: "gopher://x" })).rejects.toMatchObject({ code: "T2A_STORE_URL" });
    await expect(open({ T2A_SESSION_PER_HOLDER: "none" })).rejects.toMatchObject({ code: "T2A_CONFIG" });
    const user = userHere();
    writeFileSync(user.path("t2a"), "no folder");
    await expect(openLocalSessions(user.context, LOG)).rejects.toMatchObject({ code: expect.stringMatching(/^T2A_/) });
    rmSync(user.path("t2a"));
  });

  it("moves the recordings of all that ended into the library, those too that end while others are moved", async () => {
    const user = userHere();
    const sessions = await user.sessions();
    const made = await Promise.all(
      ["one", "two", "three"].map((name) => sessions.createSession({ name, command: "read x; echo done" })),
    );
    for (const { id } of made) {
      await sessions.send(id, Buffer.from("\r"));
      expect(await sessions.wait(id, { exit: true, timeoutMs: 20_000 })).toMatchObject({ exitStatus: 0 });
    }
    for (const { id } of made) {
      await pollUntil("its recording", async () => (await sessions.getSession(id)).recordings.length === 1, 40_000);
    }
  });

  it("says of recordings nothing where no program is there to move them: they stay where they are", async () => {
    const user = userHere();
    const nowhere = createContext(
      {
        stdin: new PassThrough(),
        stdout: new PassThrough(),
        stderr: new PassThrough(),
        env: user.env,
        version: "0.1.0",
        programs: new URL("none/none/", PROGRAMS),
      },
      silent,
    );
    await user.sessions(); // whose holder is used
    const { manager, store, onEnd } = await openLocalSessions(nowhere, LOG);
    try {
      expect(store).toContain(user.path("d/t2a"));
      const { id } = await manager.createSession({ command: "exit 0" });
      await manager.wait(id, { exit: true, timeoutMs: 20_000 });
      expect(await manager.getSession(id)).toMatchObject({ status: "completed", exitStatus: 0 });
      onEnd();
    } finally {
      await manager.close();
    }
  });
});
