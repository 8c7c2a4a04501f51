// A manager that is killed: the terminals live on, nothing is lost, and the next one shows them as they are.
import { readdirSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { LiveTerminal, SessionInfo, SessionScreen } from "../../../src/session/index.js";
import { Screen } from "../../../src/terminal/index.js";
import { managerHouse, ScreenClient, typed } from "../../support/manager.js";
import { pollUntil } from "../../support/poll-until.js";
import { eventsOf } from "../../support/recorded.js";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** A screen that was fed with all that is recorded. */
async function recordedScreen(path: string): Promise<{ readonly screen: Screen; readonly output: string }> {
  const { header, events } = await eventsOf(path);
  const screen = new Screen({ cols: header.cols, rows: header.rows });
  const pieces: Uint8Array[] = [];
  for (const event of events) {
    if (event.kind === "resize") screen.resize(event.cols, event.rows);
    if (event.kind !== "output") continue;
    screen.feed(event.data);
    pieces.push(event.data);
  }
  return { screen, output: Buffer.concat(pieces).toString("latin1") };
}

const PRINTERS = [
  // Plain lines, colours and moves, more than is saved at once, and little by little.
  'for ((i = 0; i < 20000; i++)); do echo "line $i of many"; done; echo "last line"',
  "for ((i = 0; i < 3000; i++)); do printf '\\e[%d;%dH\\e[%dmx%d\\e[0m' $((i % 24 + 1)) $((i % 70 + 1)) $((31 + i % 7)) $i; done; printf '\\e[Hlast line'",
  'seq -f "%f and then some more to fill the line with" 1 60000; echo "last line"',
  'for ((i = 0; i < 60; i++)); do printf "slow %d\\r\\n" $i; read -t 0.01 < <(:) ; done; echo "last line"',
];

test("killed while sessions print: nothing is lost, the screens are equal, clients come back", async () => {
  const house = managerHouse();
  const first = await house.managerProcess();
  const ids: string[] = [];
  for (const [index, printer] of PRINTERS.entries()) {
    const script = house.path(`print${index}.sh`);
    writeFileSync(script, `read go\n${printer}\nread end\n`);
    const session = (await first.call("createSession", {
      name: `printer ${index}`,
      argv: ["/bin/bash", "--norc", script],
    })) as SessionInfo;
    ids.push(session.id);
  }
  for (const id of ids) await first.call("send", id, base64("go\n"));
  await first.call("wait", ids[0], { text: "line [0-9]{3} of", timeoutMs: 20_000 });
  await first.kill();

  const keeper = await house.manager();
  expect(keeper.live.map(({ name }) => name).sort()).toEqual(PRINTERS.map((_, index) => `printer ${index}`));
  const clients = await Promise.all(
    ids.map(async (id) => new ScreenClient(await keeper.attach(id, { cols: 80, rows: 24 }))),
  );
  for (const id of ids) await keeper.wait(id, { text: "last line", timeoutMs: 60_000 });
  const spool = keeper.live.map((terminal) => ({
    id: terminal.id,
    path: house.path(`spool/${terminal.facts.recordingId}.t2r`),
  }));
  for (const [index, id] of ids.entries()) {
    const client = clients[index] as ScreenClient;
    const { path } = spool.find((one) => one.id === id) as { path: string };
    await pollUntil("the client has it all", () => client.text.includes("last line"));
    const { screen, output } = await recordedScreen(path);
    const live = keeper.findLive(id)?.screen as SessionScreen;
    expect(live.lines, `printer ${index}`).toEqual(screen.text());
    expect(Buffer.from(live.dump).equals(screen.dump()), `printer ${index}`).toBe(true);
    expect(client.screen.text()).toEqual(screen.text());
    if (index === 0) {
      const lines = [...output.matchAll(/line (\d+) of many/g)].map(([, number]) => Number(number));
      expect(lines).toEqual(Array.from({ length: 20_000 }, (_, at) => at));
    }
    client.attachment.send(typed("end\n"));
    await client.over;
    expect(client.end).toMatchObject({ type: "exit", exitStatus: 0 });
  }
  expect(house.problems).toEqual([]);
});

test("what a shell was at is known again, from the saved screen and without it", async () => {
  for (const isSaved of [true, false]) {
    const house = managerHouse();
    const first = await house.manager();
    const { id } = await first.createSession({ cwd: house.path("home") });
    const other = await first.createSession({});
    await first.wait(id, { prompt: true });
    await first.runCommand(id, "mkdir -p there; cd there; seq 30000");
    await first.wait(other.id, { prompt: true });
    await first.send(other.id, typed("read x; (exit 5)\r"));
    await pollUntil("it runs", () => first.findLive(other.id)?.commandLine === "read x; (exit 5)");
    const before = first.findLive(id)?.screen;
    if (isSaved) await first.close();
    else await (await house.open()).close(); // takes the connection away, as a daemon that hangs would lose it
    if (isSaved)
      expect(readdirSync(house.runtime.screens).sort()).toEqual([id, other.id].map((one) => `${one}.screen`).sort());
    const second = await house.manager();
    await second.wait(id, { prompt: true, timeoutMs: 5000 });
    const shell = (of: string) => {
      const { cwd, isAtPrompt, commandLine } = second.findLive(of) as LiveTerminal;
      return { cwd, isAtPrompt, commandLine };
    };
    const there = house.path("home/there");
    expect(shell(id)).toEqual({ cwd: there, isAtPrompt: true, commandLine: undefined });
    expect(second.findLive(id)?.screen).toEqual(before);
    await second.findLive(other.id)?.ready();
    expect(shell(other.id)).toMatchObject({ commandLine: "read x; (exit 5)", isAtPrompt: false });
    const ended = new Promise((resolve) => second.on("command", ({ command }) => resolve(command)));
    await second.send(other.id, typed("line\r"));
    expect(await ended).toMatchObject({ line: "read x; (exit 5)", exitStatus: 5 });
    expect(await second.runCommand(id, "pwd")).toMatchObject({ output: there, exitStatus: 0 });
    expect(house.problems).toEqual([]);
  }
});
