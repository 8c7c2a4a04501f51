// A server of the API over sessions in memory, and clients of it.
import { onTestFinished } from "vitest";
import { type ServeOptions, serve } from "../../src/server/index.js";
import { DaemonClient, type DaemonClientOptions } from "../../src/session/client/index.js";
import { MemorySessions } from "../support/memory-sessions.js";
import { tempDir } from "../support/temp-dir.js";

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} };

/** Serves until the end of the test. */
export async function startApi(options: Partial<ServeOptions> = {}) {
  const path = tempDir();
  const sessions = new MemorySessions();
  const socketPath = path("s");
  const logged: unknown[] = [];
  const log = { ...SILENT, error: (...told: unknown[]) => void logged.push(told) };
  const stopped: string[] = [];
  const server = await serve({
    manager: sessions,
    socketPath,
    version: "0.1.0",
    log,
    onStop: async (mode) => void stopped.push(mode),
    ...options,
  });
  onTestFinished(() => server.close());
  const connect = (more: Partial<DaemonClientOptions> = {}) => {
    const client = new DaemonClient({ socketPath, ...more });
    onTestFinished(() => client.close());
    return client;
  };
  return { server, sessions, socketPath, logged, stopped, connect };
}
