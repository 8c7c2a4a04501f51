// A TCP proxy in front of a real server which does what networks do: closes, resets, stalls, cuts in the middle, delays.
// What happens to each packet is decided by a function of the test, so that faults come where they are wanted, each time.
import { createServer, type Server, Socket } from "node:net";

/** A piece of bytes on its way through a proxy. */
export interface Packet {
  /** Number of its connection, from 1. */
  readonly connection: number;
  /** `up`: from the client to the server; `down`: back. */
  readonly direction: "up" | "down";
  /** Number within its connection and direction, from 1. */
  readonly number: number;
  /** Number among all packets since `decide` was last set, from 1. */
  readonly total: number;
  /** Bytes that went before it on its connection and direction. */
  readonly bytesBefore: number;
  readonly bytes: Buffer;
}

/** How a connection ends: `close` as a program that ends does, `reset` with RST, `stall` stays open and passes nothing on. */
export type Ending = "close" | "reset" | "stall";

/**
 * What becomes of a packet: passed on; passed on later; the connection ends before it; or after its first so many bytes.
 */
export type Action =
  | "pass"
  | { readonly delayMs: number }
  | Ending
  | { readonly passBytes: number; readonly ending: Ending };

/** A running proxy. */
export interface FaultProxy {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Connections taken so far, and faults that were done. */
  readonly connections: number;
  readonly faults: number;
  /** Says what becomes of each packet from now on; undefined: all pass. Begins to count packets anew. */
  decide(decision: ((packet: Packet) => Action) | undefined): void;
  /** Takes no connections from now on (`false`: they are refused by a reset), or takes them again. */
  accept(isAccepting: boolean): void;
  /** Ends every connection there is. */
  endAll(how: "close" | "reset"): void;
  close(): Promise<void>;
}

/** Starts a proxy to a server on this machine: to a port of 127.0.0.1. Whoever starts it closes it. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  let decision: ((packet: Packet) => Action) | undefined;
  let total = 0;
  let connections = 0;
  let faults = 0;
  let isAccepting = true;
  const pairs = new Set<readonly [Socket, Socket]>();

  const relay = (from: Socket, to: Socket, pair: readonly [Socket, Socket], direction: "up" | "down"): void => {
    const connection = connections;
    let number = 0;
    let bytesBefore = 0;
    let isOver = false;
    let last: Promise<void> = Promise.resolve();
    const end = (how: Ending): void => {
      isOver = true;
      faults++;
      if (how === "stall") {
        for (const socket of pair) {
          socket.removeAllListeners("data");
          socket.pause();
        }
      } else endPair(pair, how);
    };
    from.on("data", (bytes: Buffer) => {
      if (isOver) return;
      const packet = { connection, direction, number: ++number, total: ++total, bytesBefore, bytes };
      bytesBefore += bytes.length;
      const action = decision?.(packet) ?? "pass";
      if (action === "pass") last = last.then(() => send(to, bytes));
      else if (typeof action === "string") end(action);
      else if ("delayMs" in action) {
        faults++;
        last = last.then(() => new Promise((done) => setTimeout(done, action.delayMs))).then(() => send(to, bytes));
      } else {
        isOver = true;
        last = last
          .then(() => new Promise<void>((done) => to.write(bytes.subarray(0, action.passBytes), () => done())))
          .then(() => end(action.ending));
      }
    });
    from.on("end", () => void last.then(() => to.end()));
    from.on("error", () => to.destroy());
    from.on("close", () => {
      to.end();
      if (pair.every((socket) => socket.destroyed)) pairs.delete(pair);
    });
  };

  const server: Server = createServer((client) => {
    client.on("error", () => client.destroy());
    if (!isAccepting) {
      client.resetAndDestroy();
      return;
    }
    connections++;
    const upstream = new Socket();
    const pair = [client, upstream] as const;
    pairs.add(pair);
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    relay(client, upstream, pair, "up");
    relay(upstream, client, pair, "down");
    upstream.connect(targetPort, "127.0.0.1");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");

  return {
    port: address.port,
    get connections() {
      return connections;
    },
    get faults() {
      return faults;
    },
    decide(next) {
      decision = next;
      total = 0;
    },
    accept(isOn) {
      isAccepting = isOn;
    },
    endAll(how) {
      for (const pair of [...pairs]) endPair(pair, how);
    },
    async close() {
      for (const [client, upstream] of pairs) {
        client.destroy();
        upstream.destroy();
      }
      await new Promise((done) => server.close(done));
    },
  };
}

function send(to: Socket, bytes: Buffer): void {
  if (!to.destroyed) to.write(bytes);
}

function endPair(pair: readonly [Socket, Socket], how: "close" | "reset"): void {
  for (const socket of pair) {
    if (how === "reset") socket.resetAndDestroy();
    else socket.destroy();
  }
}
