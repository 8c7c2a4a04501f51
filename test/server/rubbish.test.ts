// What comes over the socket is hostile: rubbish is refused in words, costs bounded memory, and hurts nobody else.
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { DaemonClient } from "../../src/session/client/index.js";
import { pollUntil } from "../support/poll-until.js";
import { tempDir } from "../support/temp-dir.js";
import { startApi } from "./api-server.js";

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

function ask(
  socketPath: string,
  method: string,
  path: string,
  { body, headers = {} }: { readonly body?: string | Buffer; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers, agent: false }, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += chunk;
      resolve({ status: answer.statusCode ?? 0, body: text, headers: answer.headers });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** What is said to bytes as they are. */
function say(socketPath: string, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let heard = "";
    const socket = connect(socketPath, () => socket.write(bytes));
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(heard));
  });
}

const JSON_TYPE = { "content-type": "application/json" };

describe("the API", () => {
  it.each([
    ["GET", "/", 404],
    ["GET", "/v1/nothing", 404],
    ["GET", "/v2/daemon", 404],
    ["PUT", "/v1/daemon", 404],
    ["GET", "/v1/sessions/%", 400],
    ["GET", "/v1/sessions/%ff", 400],
    ["GET", "/v1/sessions//screen", 400],
    ["GET", "/v1/sessions?limit=many", 400],
    ["GET", "/v1/sessions?isLive=perhaps", 400],
    ["GET", "/v1/sessions?limit=1&limit=2", 400],
    ["GET", "/v1/sessions?what=1", 400],
    ["GET", "/v1/sessions/x/attach?cols=80&rows=24", 400],
    ["GET", `/v1/sessions/${"x".repeat(5000)}`, 400],
    ["GET", `/v1/sessions/${"x".repeat(40_000)}`, 414],
  ])("refuses %s %.40s with status %d, in words", async (method, path, status) => {
    const { socketPath } = await startApi();
    const answer = await ask(socketPath, method, path);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body).error).toMatchObject({
      code: "T2A_USAGE",
      message: expect.any(String),
      details: expect.any(Object),
    });
    expect(answer.headers["t2a-protocol"]).toBe("1");
  });

  it.each([
    ["no JSON", "{", JSON_TYPE, 400],
    ["nothing", "", JSON_TYPE, 400],
    ["an array", "[]", JSON_TYPE, 400],
    ["a name too many", '{"names":1}', JSON_TYPE, 400],
    ["a changed prototype", '{"__proto__":{"name":"x"}}', JSON_TYPE, 400],
    ["another type", "a=b", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["too much", JSON.stringify({ name: "x".repeat(5_000_000) }), JSON_TYPE, 413],
    [
      "great depth",
      `{"agent":{"name":"x","context":{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}}}`,
      JSON_TYPE,
      400,
    ],
  ])("refuses a body of %s", async (_, body, headers, status) => {
    const { socketPath, sessions } = await startApi();
    const answer = await ask(socketPath, "POST", "/v1/sessions", { body, headers });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body).error.code).toBe("T2A_USAGE");
    expect(sessions.calls).toEqual([]);
  });

  it("gives errors the status that fits", async () => {
    const { socketPath, sessions } = await startApi();
    const { id } = await sessions.createSession({ name: "x" });
    const post = (path: string, body: object) =>
      ask(socketPath, "POST", `/v1/sessions${path}`, { body: JSON.stringify(body), headers: JSON_TYPE });
    expect((await ask(socketPath, "DELETE", `/v1/sessions/${id}`)).status).toBe(409);
    expect((await post("/nobody/kill", {})).status).toBe(404);
    expect((await post("", { name: "taken" })).status).toBe(429);
    expect((await post("", { name: "broken" })).status).toBe(500);
    expect((await post("/x/kill", {})).status).toBe(200);
    expect((await post("/x/markers", { label: "l" })).status).toBe(409);
    expect((await ask(socketPath, "DELETE", `/v1/sessions/${id}`)).status).toBe(204);
    expect((await post("", { name: "y" })).status).toBe(201);
  });

  it("takes text to type as well as bytes, one of the two", async () => {
    const { socketPath, sessions } = await startApi();
    const { id } = await sessions.createSession({ name: "x" });
    const type = (body: object) =>
      ask(socketPath, "POST", "/v1/sessions/x/input", { body: JSON.stringify(body), headers: JSON_TYPE });
    expect((await type({ text: "é" })).status).toBe(204);
    expect(sessions.calls.at(-1)).toEqual(["send", id, "\u00c3\u00a9", undefined]);
    expect((await type({})).status).toBe(400);
    expect((await type({ text: "a", data: "YQ==" })).status).toBe(400);
    expect((await type({ data: "no base64!" })).status).toBe(400);
  });

  it("answers what is no HTTP, or too much of it, and goes on", async () => {
    const { socketPath } = await startApi();
    expect(await say(socketPath, "rubbish\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect(await say(socketPath, Buffer.from([0, 255, 1, 2, 13, 10, 13, 10]))).toMatch(/^HTTP\/1\.1 400 /);
    const long = `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(300_000)}\r\n\r\n`;
    expect(await say(socketPath, long)).toMatch(/^HTTP\/1\.1 4/);
    const upgrade = "GET /v1/daemon HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: rubbish\r\n\r\n";
    expect(await say(socketPath, upgrade)).toMatch(/^HTTP\/1\.1 4/);
    expect((await ask(socketPath, "GET", "/v1/daemon")).status).toBe(200);
  });

  it("refuses a client of another version, and says so in words; so does the client", async () => {
    const { socketPath } = await startApi();
    for (const version of ["2", "0", "rubbish"]) {
      const answer = await ask(socketPath, "GET", "/v1/daemon", { headers: { "t2a-protocol": version } });
      expect(answer.status).toBe(426);
      expect(JSON.parse(answer.body).error).toMatchObject({
        code: "T2A_DAEMON_VERSION",
        message: expect.stringContaining("t2a daemon restart"),
        details: { protocol: 1, oldest: 1, version: "0.1.0" },
      });
    }
    const old = tempDir()("s");
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end("HTTP/1.1 200 OK\r\nt2a-protocol: 0\r\nt2a-version: 0.0.1\r\nContent-Length: 2\r\n\r\n{}");
    });
    await new Promise<void>((resolve) => server.listen(old, resolve));
    onTestFinished(() => void server.close());
    const client = new DaemonClient({ socketPath: old });
    const error = { code: "T2A_DAEMON_VERSION", message: expect.stringContaining("t2a 0.0.1") };
    await expect(client.stats()).rejects.toMatchObject(error);
    await expect(client.attach("x", { cols: 80, rows: 24 })).rejects.toMatchObject(error);
    await client.close();
  });
});

describe("an attachment", () => {
  function attach(socketPath: string, id: string, query = "cols=80&rows=24") {
    const socket = new WebSocket(`ws://x/v1/sessions/${id}/attach?${query}`, {
      createConnection: (() => connect(socketPath)) as unknown as typeof connect,
    });
    onTestFinished(() => socket.terminate());
    const texts: { readonly type: string; readonly error?: { readonly code: string } }[] = [];
    let closed: number | undefined;
    let status: number | undefined;
    socket.on("message", (data, isBinary) => {
      if (!isBinary) texts.push(JSON.parse(data.toString()));
    });
    socket.on("close", (code) => {
      closed = code;
    });
    socket.on("unexpected-response", (_, answer) => {
      status = answer.statusCode;
    });
    socket.on("error", () => {});
    return {
      socket,
      texts,
      closed: () => closed,
      status: () => status,
    };
  }

  it("is refused before there is a WebSocket where the request is wrong", async () => {
    const { socketPath } = await startApi();
    for (const query of ["", "cols=80", "cols=0&rows=1", "cols=80&rows=24&isReadOnly=maybe", "cols=80&rows=24&x=1"]) {
      const { status } = attach(socketPath, "x", query);
      await pollUntil("the answer", () => status() !== undefined);
      expect(status()).toBe(400);
    }
    const elsewhere = new WebSocket("ws://x/v1/daemon", {
      createConnection: (() => connect(socketPath)) as unknown as typeof connect,
    });
    const ended = new Promise<void>((resolve) => elsewhere.once("close", () => resolve()));
    elsewhere.on("error", () => {});
    await ended;
  });

  it.each([
    ["no JSON", "rubbish"],
    ["no message", '{"type":"dance"}'],
    ["a size that is none", '{"type":"resize","cols":-1,"rows":5}'],
    ["a property too many", '{"type":"detach","why":1}'],
  ])("ends with %s, in words; the session and the others go on", async (_, text) => {
    const { socketPath, sessions } = await startApi();
    const { id } = await sessions.createSession();
    const other = attach(socketPath, id);
    const { socket, texts, closed } = attach(socketPath, id);
    await pollUntil("both", () => texts.length > 0 && other.texts.length > 0);
    expect(texts[0]).toMatchObject({ v: 1, type: "attached", session: { id } });
    socket.send(text);
    await pollUntil("the end", () => closed() !== undefined);
    expect(closed()).toBe(1008);
    expect(texts.at(-1)).toMatchObject({ type: "error", error: { code: "T2A_USAGE" } });
    await pollUntil("its leave", async () => (await sessions.listClients(id)).length === 1);
    expect(other.closed()).toBeUndefined();
  });

  it("ends with a message that is too long, and with bytes that are no frame", async () => {
    const { socketPath, sessions } = await startApi();
    const { id } = await sessions.createSession();
    const long = attach(socketPath, id);
    await pollUntil("it", () => long.texts.length > 0);
    long.socket.send(Buffer.alloc(2 * 1024 * 1024));
    await pollUntil("the end", () => long.closed() !== undefined);
    expect(long.closed()).toBe(1009);
    const head = `GET /v1/sessions/${id}/attach?cols=1&rows=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    expect(await say(socketPath, Buffer.concat([Buffer.from(head), Buffer.alloc(200, 0xff)]))).toMatch(
      /^HTTP\/1\.1 101 /,
    );
    await pollUntil("their leave", async () => (await sessions.listClients(id)).length === 0);
    expect(sessions.calls.filter(([name]) => name === "send")).toEqual([]);
  });

  it("keeps what is typed before it is attached", async () => {
    const { socketPath, sessions } = await startApi();
    const { id } = await sessions.createSession();
    const { socket } = attach(socketPath, id);
    socket.on("open", () => {
      socket.send(Buffer.from("early"));
      socket.send(JSON.stringify({ type: "detach" }));
    });
    await pollUntil("what was typed", () =>
      sessions.calls.some(([name, , data]) => name === "send" && data === "early"),
    );
    await pollUntil("its leave", async () => (await sessions.listClients(id)).length === 0);
  });

  it("is asked for a sign of life, and let go where it gives none for long", async () => {
    const { socketPath, sessions } = await startApi({ pingMs: 20, silenceMs: 300 });
    const { id } = await sessions.createSession();
    const well = attach(socketPath, id);
    const stopped = attach(socketPath, id);
    await pollUntil("both", () => well.texts.length > 0 && stopped.texts.length > 0);
    let pings = 0;
    well.socket.on("ping", () => pings++);
    stopped.socket.pause();
    await pollUntil("its leave", async () => (await sessions.listClients(id)).length === 1);
    expect(pings).toBeGreaterThan(1);
    expect(well.closed()).toBeUndefined();
  });

  it("ends with 1001 when the daemon does, and costs it no time", async () => {
    const { socketPath, sessions, server } = await startApi();
    const { id } = await sessions.createSession();
    const one = attach(socketPath, id);
    await pollUntil("it", () => one.texts.length > 0);
    await server.close();
    await pollUntil("the end", () => one.closed() !== undefined);
    expect(one.closed()).toBe(1001);
  });
});
