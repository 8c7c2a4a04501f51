// Several clients of one session: sizes, keyboards, answers to programs, and those that take nothing.
import { expect, test } from "vitest";
import type { AttachMessage, SessionInfo } from "../../../src/session/index.js";
import { MAX_CLIENT_QUEUE } from "../../../src/session/manager/attached-client.js";
import { Screen } from "../../../src/terminal/index.js";
import { managerHouse, ScreenClient, typed } from "../../support/manager.js";
import { pollUntil } from "../../support/poll-until.js";
import { eventsOf } from "../../support/recorded.js";

/** What a terminal answers to the questions that reach it. */
const ANSWERS: readonly (readonly [string, string])[] = [
  ["\x1b[c", "\x1b[?62;22c"],
  ["\x1b[6n", "\x1b[24;80R"],
  ["\x1b]11;?\x07", "\x1b]11;rgb:0000/0000/0000\x07"],
  ["\x1b[>q", "\x1bP>|some terminal\x1b\\"],
  ["\x1b[?u", "\x1b[?1u"],
];

test("a program that asks is answered once, however many clients there are", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager();
  // Each question, cut anywhere; what comes is shown as hexadecimal until nothing more does.
  const script = [
    "stty raw -echo",
    ...ANSWERS.flatMap(([question]) => {
      const bytes = [...Buffer.from(question, "latin1")].map((byte) => `\\x${byte.toString(16)}`);
      return [`printf 'q${bytes.slice(0, 2).join("")}'; sleep 0.05; printf '${bytes.slice(2).join("")}.'; sleep 0.05`];
    }),
    "answer=",
    "while IFS= read -r -N 1 -t 1 c; do answer+=$(printf '%02x' \"'$c\"); done",
    "stty sane",
    'echo "got:$answer:end"',
    "read end",
  ].join("\n");
  const { id } = await keeper.createSession({ argv: ["/bin/bash", "--norc", "-c", script] });
  const clients: ScreenClient[] = [];
  for (let count = 0; count < 8; count++) {
    const attachment = await keeper.attach(id, { cols: 80, rows: 24, isReadOnly: count === 7 });
    const client = new ScreenClient(attachment);
    clients.push(client);
    // As terminals do: they answer whatever reaches them.
    client.onOutput = (output) => {
      for (const [question, answer] of ANSWERS) if (output.includes(question)) attachment.send(typed(answer));
    };
  }
  // And one whose answers come though nobody asked.
  clients[0]?.attachment.send(typed("\x1b[?62;22c\x1b]11;rgb:1111/2222/3333\x1b\\\x1bP>|me\x1b\\\x1b[5;5R"));
  const { match = "" } = await keeper.wait(id, { text: "got:[0-9a-f]*:end", timeoutMs: 30_000 });
  const bytes = Buffer.from(match.slice("got:".length, -":end".length), "hex").toString("latin1");
  expect(bytes).toBe("\x1b[?62;22c\x1b[1;4R\x1b]11;rgb:0000/0000/0000\x07\x1bP>|t2a(0.0.0-test)\x1b\\\x1b[?0u");
  for (const client of clients) {
    await pollUntil("the client has it all", () => client.text.includes(":end"));
    expect(client.text).toBe(clients[0]?.text);
    const given = client.output + client.dumps.slice(1).join("");
    for (const [question] of ANSWERS) expect(given).not.toContain(question);
  }
  // The recording has what the program printed, questions and all.
  const { events } = await eventsOf(house.path(`spool/${keeper.findLive(id)?.facts.recordingId}.t2r`));
  const recorded = Buffer.concat(events.flatMap((event) => (event.kind === "output" ? [event.data] : []))).toString(
    "latin1",
  );
  for (const [question] of ANSWERS) expect(recorded).toContain(question);
  expect(house.problems).toEqual([]);
});

test("eight clients of different sizes, one of which takes nothing: it stalls nobody, and is shown the screen in the end", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager({ sizePolicy: "smallest" });
  const { id } = await keeper.createSession({});
  await keeper.wait(id, { prompt: true });
  const clients = [];
  for (let count = 0; count < 7; count++) {
    clients.push(new ScreenClient(await keeper.attach(id, { cols: 70 + count * 10, rows: 20 + count * 2 })));
  }
  const silent = await keeper.attach(id, { cols: 120, rows: 40, label: "silent" });
  const messages = silent.messages[Symbol.asyncIterator]();
  expect((await messages.next()).value).toMatchObject({ type: "screen", cols: 70, rows: 20 });
  expect((await keeper.getSession(id)).live).toMatchObject({ cols: 70, rows: 20, clients: 8 });
  await keeper.runCommand(id, "seq -f 'line %g of so many lines, each of some length' 1 60000");
  await keeper.send(id, typed("echo the end\r"));
  for (const client of clients) {
    await pollUntil("it is shown the end", () => client.text.includes("\nthe end\n"));
    expect(client.screen).toMatchObject({ cols: 70, rows: 20 });
    expect(client.screen.text()).toEqual((await keeper.screen(id)).lines);
  }
  // What it gets now is not all that was printed since, but the screen.
  const late: AttachMessage[] = [];
  let bytes = 0;
  const screen = new Screen({ cols: 70, rows: 20 });
  while (!screen.text().includes("the end")) {
    const { value } = await messages.next();
    if (value === undefined) break;
    late.push(value);
    if (value.type === "screen") screen.feed(value.dump);
    if (value.type === "output") screen.feed(value.data);
    bytes += value.type === "screen" ? value.dump.length : value.type === "output" ? value.data.length : 0;
  }
  expect(late[0]?.type).toBe("screen");
  expect(bytes).toBeLessThan(MAX_CLIENT_QUEUE);
  expect(screen.text()).toEqual((await keeper.screen(id)).lines);
  expect(house.problems).toEqual([]);
});

test.each([
  ["latest", [50, 10], [120, 40], [90, 30]],
  ["smallest", [50, 10], [50, 10], [50, 10]],
  ["largest", [120, 40], [120, 40], [120, 40]],
] as const)("the size is that of the %s client", async (sizePolicy, whenSmallAttached, whenLargeTyped, whenResized) => {
  const house = managerHouse("here");
  const keeper = await house.manager({ sizePolicy });
  const { id } = await keeper.createSession({ command: "cat" });
  const size = async () => {
    const { cols, rows } = await keeper.screen(id);
    return [cols, rows];
  };
  const settled = async (expected: readonly number[]) =>
    await pollUntil(`a size of ${expected}`, async () => String(await size()) === String(expected));
  const large = new ScreenClient(await keeper.attach(id, { cols: 120, rows: 40 }));
  await settled([120, 40]);
  const reader = new ScreenClient(await keeper.attach(id, { cols: 20, rows: 5, isReadOnly: true }));
  const small = new ScreenClient(await keeper.attach(id, { cols: 50, rows: 10 }));
  await settled(whenSmallAttached);
  large.attachment.send(typed("x"));
  await settled(whenLargeTyped);
  small.attachment.resize({ cols: 90, rows: 30 });
  if (sizePolicy === "smallest") await settled([90, 30]);
  else await settled(whenResized);
  await small.attachment.detach();
  await settled([120, 40]);
  await reader.attachment.detach();
  await large.attachment.detach();
  expect((await keeper.resize(id, { cols: 33, rows: 11 })).live).toBeDefined();
  await settled([33, 11]);
  expect(large.end).toMatchObject({ type: "detached" });
  expect((await keeper.getSession(id)).live?.clients).toBe(0);
});

test.each([
  "latest",
  "smallest",
  "largest",
] as const)("a session that keeps its size has it whoever attaches, until somebody asks for another (%s)", async (sizePolicy) => {
  const house = managerHouse();
  const keeper = await house.manager({ sizePolicy });
  const { id, config } = await keeper.createSession({ command: "cat", cols: 100, rows: 30, keepsSize: true });
  expect(config).toMatchObject({ cols: 100, rows: 30, keepsSize: true });
  const client = new ScreenClient(await keeper.attach(id, { cols: 120, rows: 40 }));
  const other = new ScreenClient(await keeper.attach(id, { cols: 20, rows: 5 }));
  await pollUntil("both screens", () => [client, other].every(({ messages }) => messages.includes("screen")));
  client.attachment.send(typed("x"));
  other.attachment.resize({ cols: 30, rows: 6 });
  await pollUntil("the echo", () => other.text.includes("x"));
  expect(client.screen).toMatchObject({ cols: 100, rows: 30 });
  expect(other.screen).toMatchObject({ cols: 100, rows: 30 });
  await keeper.resize(id, { cols: 90, rows: 20 });
  await pollUntil("the size that was asked for", () => other.screen.cols === 90 && other.screen.rows === 20);
  client.attachment.send(typed("y"));
  await pollUntil("the echo", () => client.text.includes("y"));
  expect((await keeper.screen(id)).cols).toBe(90);
  expect(house.problems).toEqual([]);
});

test("who is read-only, or was taken the keyboard, types nothing", async () => {
  const house = managerHouse("here");
  const keeper = await house.manager();
  const { id } = await keeper.createSession({ argv: ["/bin/cat"] });
  const writer = new ScreenClient(await keeper.attach(id, { cols: 80, rows: 24, label: "writer" }));
  const reader = new ScreenClient(await keeper.attach(id, { cols: 80, rows: 24, label: "reader", isReadOnly: true }));
  const other = new ScreenClient(await keeper.attach(id, { cols: 80, rows: 24, label: "other" }));
  reader.attachment.send(typed("from the reader "));
  await keeper.setKeyboard(id, other.attachment.clientId, false);
  other.attachment.send(typed("from the other "));
  await expect(keeper.setKeyboard(id, reader.attachment.clientId, true)).rejects.toMatchObject({ code: "T2A_USAGE" });
  await expect(keeper.setKeyboard(id, "c99", true)).rejects.toMatchObject({ code: "T2A_SESSION_NOT_FOUND" });
  expect(await keeper.listClients(id)).toMatchObject([
    { label: "writer", hasKeyboard: true, isReadOnly: false },
    { label: "reader", hasKeyboard: false, isReadOnly: true },
    { label: "other", hasKeyboard: false, isReadOnly: false },
  ]);
  await keeper.setKeyboard(id, other.attachment.clientId, true);
  other.attachment.send(typed("now the other "));
  writer.attachment.send(typed("and the writer"));
  await pollUntil("the echo", () => reader.text.includes("and the writer"));
  expect(reader.text).toBe("now the other and the writer");
  await keeper.detachClients(id, writer.attachment.clientId);
  await writer.over;
  expect(writer.end).toMatchObject({ type: "detached" });
  await pollUntil("the others are told", () => (reader.session as SessionInfo | undefined)?.live?.clients === 2);
  await keeper.detachClients(id);
  await Promise.all([reader.over, other.over]);
  const { readFileSync } = await import("node:fs");
  const audit = readFileSync(house.path(`live/${id}/audit.ndjson`), "utf8");
  expect(audit).toContain(`other ${other.attachment.clientId}`);
  expect(audit).toContain(`writer ${writer.attachment.clientId}`);
  expect(audit).not.toContain("reader");
});

test("clients get the marks of the shell without what proves them", async () => {
  const house = managerHouse();
  const keeper = await house.manager();
  const { id, live } = await keeper.createSession({ cwd: house.path("home") });
  const client = new ScreenClient(await keeper.attach(id, { cols: 80, rows: 24 }));
  await keeper.wait(id, { prompt: true, timeoutMs: 20_000 });
  expect(await keeper.runCommand(id, "echo hello")).toMatchObject({ output: "hello", exitStatus: 0 });
  await pollUntil("the client has it", () => client.text.includes("hello"));
  const { events } = await eventsOf(house.path(`spool/${live?.recordingId}.t2r`));
  const output = Buffer.concat(events.flatMap((event) => (event.kind === "output" ? [event.data] : [])));
  const [, secret = ""] = /;t2a=([^.;]+)\./.exec(output.toString("latin1")) ?? [];
  expect(secret.length).toBeGreaterThan(8);
  const seen = [client.output, ...client.dumps].join("");
  expect(seen).toContain("\x1b]633;C;");
  expect(seen).not.toContain(secret);
  expect(house.problems).toEqual([]);
});
