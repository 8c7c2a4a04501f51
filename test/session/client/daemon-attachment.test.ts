// An attached client whose daemon goes away and comes back: holder, sessions and daemons in this process.
import { createServer } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import { DAEMON_PROTOCOL, DaemonClient, PROTOCOL_HEADER, VERSION_HEADER } from "../../../src/session/client/index.js";
import type { AttachMessage } from "../../../src/session/index.js";
import { userHere } from "../../support/daemon-here.js";
import { ScreenClient, typed } from "../../support/manager.js";
import { pollUntil } from "../../support/poll-until.js";
import { tempDir } from "../../support/temp-dir.js";

describe("who is attached while the daemon is away", () => {
  it("types and changes the size all the same: it is done when the next daemon is there", async () => {
    const user = userHere();
    const first = await user.start();
    const { id } = await first.client.createSession({ name: "cat", argv: ["/bin/cat"] });
    const client = new ScreenClient(await first.client.attach(id, { cols: 80, rows: 24, label: "one" }));
    client.attachment.send(typed("before\r"));
    await pollUntil("the echo", () => client.text.includes("before"));
    await first.client.stopDaemon("keep");
    expect(await first.over).toBe(0);
    client.attachment.send(typed("mean"));
    client.attachment.send(typed("while\r"));
    client.attachment.send(new Uint8Array(2 * 1024 * 1024)); // more than is kept
    client.attachment.resize({ cols: 70, rows: 20 });
    const second = await user.start();
    await pollUntil("what was typed", () => client.text.includes("meanwhile"), 20_000);
    expect(client.text).toContain("before");
    expect(await second.client.listClients(id)).toMatchObject([{ label: "one", cols: 70, rows: 20 }]);
    await second.client.killSession(id);
    await client.over;
    expect(client.end).toMatchObject({ type: "exit", exitStatus: 129 });
  });

  it("leaves for good where it wants to", async () => {
    const user = userHere();
    const { client, over } = await user.start();
    const { id } = await client.createSession({ name: "cat", argv: ["/bin/cat"] });
    const attached = new ScreenClient(await client.attach(id, { cols: 80, rows: 24 }));
    await pollUntil("the screen", () => attached.messages.includes("screen"));
    await client.stopDaemon("keep");
    await over;
    await attached.attachment.detach();
    await attached.over;
    expect(attached.end).toMatchObject({ type: "detached" });
    const next = await user.start();
    expect(await next.client.listClients(id)).toEqual([]);
  });
});

describe("a daemon that makes no sense", () => {
  /** Says these frames to whoever attaches. */
  async function nonsense(...frames: readonly (string | Buffer)[]) {
    const path = tempDir();
    const server = createServer((_, answer) => answer.writeHead(500).end("no JSON"));
    const sockets = new WebSocketServer({ server });
    sockets.on("headers", (headers) => headers.push(`${PROTOCOL_HEADER}: ${DAEMON_PROTOCOL}`, `${VERSION_HEADER}: 9`));
    sockets.on("connection", (socket) => {
      for (const frame of frames) socket.send(frame);
    });
    await new Promise<void>((resolve) => server.listen(path("s"), resolve));
    const client = new DaemonClient({ socketPath: path("s"), reconnectMs: 100 });
    onTestFinished(async () => {
      await client.close();
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.close();
    });
    return client;
  }

  it.each([
    ["text that is no JSON", ["rubbish"]],
    ["JSON that is no message", ["7"]],
    ["bytes before it said that the client is attached", [Buffer.from("output")]],
    ["an error that is none", ['{"type": "error"}']],
  ])("is told of, not believed: %s", async (_, frames) => {
    const client = await nonsense(...frames);
    await expect(client.attach("x", { cols: 80, rows: 24 })).rejects.toMatchObject({ code: "T2A_DAEMON" });
    await expect(client.listActive()).rejects.toMatchObject({ code: "T2A_DAEMON" });
  });

  it("tells who is attached why that ended", async () => {
    const attached = JSON.stringify({ type: "attached", v: 1, clientId: "c1", session: { id: "x" } });
    const error = { name: "SessionError", code: "T2A_SESSION_OVER", message: "it is over now", details: {} };
    const client = await nonsense(attached, '{"type": "newer"}', JSON.stringify({ type: "error", error }));
    const attachment = await client.attach("x", { cols: 80, rows: 24 });
    const seen: AttachMessage[] = [];
    for await (const message of attachment.messages) seen.push(message);
    expect(seen).toEqual([{ type: "detached", reason: "it is over now" }]);
  });
});
