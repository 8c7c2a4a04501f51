// Templates, hooks and limits in the daemon as it is built, asked as the command line asks it.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { daemonWorld } from "../support/daemon-world.js";
import { pollUntil } from "../support/poll-until.js";
import { PROGRAMS } from "../support/run-cli.js";

describe("the daemon", () => {
  it("starts sessions by templates, ends them by their limits, and runs hooks", async () => {
    const world = daemonWorld(fileURLToPath(PROGRAMS));
    const config = join(world.base, "config/t2a");
    mkdirSync(join(config, "templates"), { recursive: true });
    writeFileSync(join(world.base, "hook"), '#!/bin/sh\ncat >> "$HOME/told-$1"\n');
    chmodSync(join(world.base, "hook"), 0o700);
    writeFileSync(join(config, "config.toml"), '[hooks]\non_session_end = ["~/hook", "end"]\n');
    const template = [
      'extends = "agent"',
      'command = "echo pager $PAGER; sleep 1000"',
      'tags = ["mine"]',
      "[limits]",
      "wall_time = 2",
      "[hooks]",
      'on_limit = ["~/hook", "limit"]',
    ];
    writeFileSync(join(config, "templates/short.toml"), `${template.join("\n")}\n`);
    const client = world.connect();
    const session = await client.createSession({ template: "short", name: "s", cwd: world.base });
    expect(session).toMatchObject({
      config: { template: "short", cols: 120, rows: 40, limits: { wallSeconds: 2 } },
      tags: ["agent", "mine"],
    });
    expect(await client.wait("s", { text: "pager cat", timeoutMs: 10_000 })).toMatchObject({ reason: "text" });
    expect(await client.usage()).toMatchObject([{ name: "s", processes: 2 }]);
    expect(await client.wait("s", { exit: true, timeoutMs: 20_000 })).toEqual({ reason: "exit", exitStatus: 129 });
    expect(await client.getSession("s")).toMatchObject({
      status: "failed",
      error: expect.stringMatching(/^limit: time since its start .* of 2\.0s: the session was ended$/),
    });
    const told = (name: string) => {
      const path = join(world.base, `told-${name}`);
      return existsSync(path) ? readFileSync(path, "utf8") : "";
    };
    await pollUntil("hooks have run", () => /"kill"/.test(told("limit")) && /onSessionEnd/.test(told("end")));
    expect(JSON.parse(told("end"))).toMatchObject({ session: { id: session.id, status: "failed" } });
    await expect(client.createSession({ template: "nothing" })).rejects.toMatchObject({ code: "T2A_TEMPLATE" });
    expect((await world.cli(["daemon", "stop", "--force"])).status).toBe(0);
  });
});
