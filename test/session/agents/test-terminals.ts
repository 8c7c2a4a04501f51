// Terminals for tests of agents: documents in a real store and recordings in a real spool, of programs that only pretend to run.
// That one lives is a file, so that terminals outlive their keeper as they do in holders.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ulid } from "ulid";
import { createWriter, getFormat } from "../../../formats/index.js";
import type { Event, Writer } from "../../../src/core/index.js";
import { openFileTarget } from "../../../src/files/index.js";
import { draftSession, Library, Spool } from "../../../src/library/kept.js";
import type { AgentTerminals, SessionInfo } from "../../../src/session/index.js";
import { openStore, parseStoreUrl, type Session } from "../../../src/store/index.js";

type StartSession = AgentTerminals["startSession"];
type Live = NonNullable<ReturnType<AgentTerminals["findLive"]>>;

/** Opens the library of a folder; `url` names another store than files. */
export async function openTestLibrary(folder: string, url = `file://${folder}/store`): Promise<Library> {
  mkdirSync(join(folder, "cache"), { recursive: true });
  const store = await openStore(parseStoreUrl(url), { cacheFolder: join(folder, "cache") });
  await store.catchUp();
  return new Library({ store, spool: new Spool(join(folder, "spool")), location: url });
}

/** What a program says that a session of tests runs: the marks of a shell around each line. */
export function shellOutput(lines: readonly (readonly [line: string, output: string, status: number])[]): string {
  const mark = (text: string) => `\x1b]133;${text}\x07`;
  return lines
    .map(([line, out, status]) => `${mark("A")}$ ${mark("B")}${line}\r\n${mark("C")}${out}\r\n${mark(`D;${status}`)}`)
    .join("");
}

/** Terminals without processes. `output` of the command of a session is what it prints. */
export class TestTerminals implements AgentTerminals {
  readonly customs: { readonly id: string; readonly code: string; readonly data: Readonly<Record<string, string>> }[] =
    [];
  readonly variables = new Map<string, Readonly<Record<string, string>>>();
  readonly configs = new Map<string, Parameters<StartSession>[0]>();
  readonly killed: string[] = [];
  /** Refuses to start what has this command. */
  refused: string | undefined;
  readonly #library: Library;
  readonly #folder: string;
  readonly #live = new Map<string, { readonly info: SessionInfo; readonly end: () => Promise<void> }>();
  readonly #alive: string;
  readonly #listeners = new Set<(told: never) => void | Promise<void>>();

  constructor(library: Library, folder: string) {
    this.#library = library;
    this.#folder = folder;
    this.#alive = join(folder, "alive");
    mkdirSync(this.#alive, { recursive: true });
    // Those of a keeper that has died live on.
    for (const id of readdirSync(this.#alive)) {
      this.#live.set(id, { info: JSON.parse(readFileSync(join(this.#alive, id), "utf8")), end: async () => {} });
    }
  }

  /** A session as `t2a session new` makes one. */
  async create(name: string, output = ""): Promise<SessionInfo> {
    return await this.startSession({ name, command: output });
  }

  async startSession(...[config, options = {}]: Parameters<StartSession>): Promise<SessionInfo> {
    const { id = ulid(), parent, document, prepare, likedName = "shell" } = options;
    const { name = likedName, command = "", cols = 80, rows = 24, cwd } = config;
    this.configs.set(id, config);
    const folder = this.dataFolder(id, { isMade: true });
    if (prepare !== undefined) this.variables.set(id, await prepare({ id, name, folder }));
    if (command === this.refused) throw new Error("no such program");
    const draft = draftSession({ cols, rows, title: name, ...(cwd && { cwd }) }, { id, now: Date.now() });
    const { store } = this.#library;
    const session = await store.create({ ...draft, ...document, ...(parent && { parent }) });
    if (parent !== undefined && (await store.find(parent)) !== undefined) {
      await store.update(parent, (there) =>
        there.children.includes(id) ? there : { ...there, children: [...there.children, id] },
      );
    }
    const recordingId = ulid();
    const live = {
      pid: process.pid,
      holderPid: process.pid,
      cols,
      rows,
      recordingId,
      isRecording: true,
      clients: 0,
      outputBytes: 0,
      warnings: [],
    };
    const info: SessionInfo = { ...session, live };
    const end = await this.#record(session, recordingId, command);
    this.#live.set(id, { info, end });
    writeFileSync(join(this.#alive, id), JSON.stringify(info));
    return info;
  }

  findLive(id: string): Live | undefined {
    const live = this.#live.get(id);
    if (live === undefined) return undefined;
    const { info } = live;
    return {
      id,
      ready: async () => {},
      name: info.name,
      session: info,
      info,
      facts: info.live as NonNullable<SessionInfo["live"]>,
      position: { events: 1, timeNs: 0 },
      cwd: undefined,
      environment: {},
      commandLine: undefined,
      isAtPrompt: undefined,
      screen: testScreen(info.name),
      outputRate: 0,
      commands: [],
      input: () => {},
      signal: () => {},
      mark: () => {},
      addCustom: (code, data) => void this.customs.push({ id, code, data }),
      hold: () => {},
      setLimitWarnings: () => {},
    };
  }

  async resolve(reference: string): Promise<Session> {
    const { session } = await this.#library.resolve(reference);
    return await this.#library.store.get(session.id);
  }

  toInfo(session: Session): SessionInfo {
    const live = this.#live.get(session.id)?.info.live;
    return live === undefined ? session : { ...session, live };
  }

  async updateDocument(id: string, change: (session: Session) => Session): Promise<Session> {
    return await this.#library.store.update(id, change);
  }

  dataFolder(id: string, { isMade = false }: { readonly isMade?: boolean } = {}): string {
    const folder = join(this.#folder, "live", id);
    if (isMade) mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  on: AgentTerminals["on"] = (_kind, listener) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  async screen(id: string): Promise<Live["screen"]> {
    const live = this.#live.get(id);
    if (live !== undefined) return testScreen(live.info.name);
    throw new Error("the terminal is gone");
  }

  /** Ends a session as a program does that exits so. */
  async exit(id: string, status: number): Promise<Session> {
    await this.#live.get(id)?.end();
    this.#live.delete(id);
    rmSync(join(this.#alive, id), { force: true });
    const session = await this.updateDocument(id, (there) => ({
      ...there,
      exitStatus: status,
      ...(there.status === "active" && { status: status === 0 ? "completed" : "failed" }),
    }));
    for (const listener of this.#listeners) await listener({ terminal: undefined, session, end: undefined } as never);
    return session;
  }

  async killSession(id: string): Promise<SessionInfo> {
    this.killed.push(id);
    return await this.exit(id, 129);
  }

  /** All terminals end, and nobody is told. */
  async close(): Promise<void> {
    for (const { end } of this.#live.values()) await end();
    this.#live.clear();
  }

  /** Its recording is in the spool from now on, and is finished by what this gives. */
  async #record(session: Session, recordingId: string, output: string): Promise<() => Promise<void>> {
    const { version: _, revision: __, savedAt: ___, ...draft } = session;
    const { spool, location } = this.#library;
    const entry = spool.begin({ purpose: "recording", recordingId, store: location, session: draft });
    const target = await openFileTarget(entry.path, { mode: "live" });
    const writer: Writer = await createWriter(getFormat("t2r"), target, { live: true });
    const startTime = BigInt(Date.parse(session.createdAt)) * 1_000_000n;
    await writer.header({ cols: session.config.cols, rows: session.config.rows, startTime });
    const events: Event[] = [{ kind: "output", time: 1e9, data: Buffer.from(output) }];
    await writer.events(events);
    return async () => {
      await writer.events([{ kind: "exit", time: 2e9, status: 0 }]);
      await writer.end();
      await target.commit();
      entry.release();
    };
  }
}

function testScreen(title: string): Live["screen"] {
  const cursor = { col: 0, row: 1, isVisible: true };
  return { cols: 80, rows: 24, lines: ["$ make", "ok"], cursor, title, dump: Buffer.from("$ make\r\nok") };
}
