// t2a daemon at a terminal: its log as it grows, and itself in foreground. The built command.
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { pollUntil } from "../support/poll-until.js";
import { sessionHouse } from "./session-house.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));

/** A line of the log as the daemon writes it. */
function entry(msg: string): string {
  return `${JSON.stringify({ level: "info", time: "2026-01-01T00:00:00.000Z", pid: 1, msg })}\n`;
}

it("t2a daemon logs -f shows whole lines as they come, of a log that begins anew too, until it is interrupted", async () => {
  const house = sessionHouse();
  const log = join(house.env.XDG_RUNTIME_DIR, "t2a/daemon.log");
  expect(await house.t2a("daemon", "start")).toMatchObject({ status: 0 });
  const { driver } = house.sitAtShell(`exec ${process.execPath} ${T2A} daemon logs -f -n 1`, { cols: 120 });
  await driver.sees(/Z info {2}the daemon listens sessions=0/);
  expect(driver.text).not.toContain("the daemon starts");
  expect(await house.t2a("daemon", "stop")).toMatchObject({ status: 0 });
  await driver.sees(/the daemon ends reason=/);
  const line = entry("written in two parts");
  appendFileSync(log, line.slice(0, 60));
  appendFileSync(log, `${line.slice(60)}${entry("and \x1b[31mred")}`);
  await driver.sees(/info {2}written in two parts\r?\n/);
  await driver.sees("info  and red");
  expect(driver.text).not.toContain("\x1b[31m");
  renameSync(log, `${log}.1`);
  writeFileSync(log, entry("begun anew"));
  await driver.sees("info  begun anew");
  driver.type("\x03");
  expect(await driver.ends()).toMatchObject({ status: 0 });
});

it("t2a daemon logs -f waits for a log that is not there yet, and for the rest of a line", async () => {
  const house = sessionHouse();
  const log = join(house.env.XDG_RUNTIME_DIR, "t2a/daemon.log");
  expect(await house.t2a("daemon", "start")).toMatchObject({ status: 0 });
  expect(await house.t2a("daemon", "stop")).toMatchObject({ status: 0 });
  const line = entry("a line with its end");
  writeFileSync(log, `${entry("before")}${line.slice(0, 60)}`);
  const { driver } = house.sitAtShell(`exec ${process.execPath} ${T2A} daemon logs -f`, { cols: 120 });
  await driver.sees("info  before");
  appendFileSync(log, line.slice(60));
  await driver.sees("info  a line with its end");
  expect(driver.text).not.toContain('"level"');
  driver.type("\x03");
  await driver.ends();
});

it("t2a daemon start --foreground serves until ctrl-c; sessions live on, and a second one is refused", async () => {
  const house = sessionHouse();
  const { driver } = house.sitAtShell(`exec ${process.execPath} ${T2A} daemon start --foreground`, { cols: 120 });
  const status = async () => await house.t2a("daemon", "status", "--json");
  await pollUntil("the daemon", async () => (await status()).status === 0);
  const { stdout } = await house.session("new", "-n", "kept", "--json", "-c", "sleep 600");
  expect(JSON.parse(stdout)).toMatchObject({ name: "kept", live: { cols: 80 } });
  const { pid } = JSON.parse((await status()).stdout);
  const second = await house.t2a("daemon", "start", "--foreground");
  expect(second.status).not.toBe(0);
  expect(second.stderr).toContain("a daemon runs already");
  expect(driver.exit).toBeUndefined();
  driver.type("\x03");
  expect(await driver.ends()).toMatchObject({ status: 0 });
  expect((await status()).status).toBe(1);
  const [session] = JSON.parse((await house.session("ls", "--json")).stdout);
  expect(session).toMatchObject({ name: "kept", status: "active" });
  expect(JSON.parse((await status()).stdout).pid).not.toBe(pid);
});
