// Sessions and their terminals, as the daemon keeps them: those that live in holders, and those of the library that are over.
import { mkdirSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { ulid } from "ulid";
import { type Batch, SessionError, type Source, StoreError, UsageError } from "../../core/index.js";
import { openFileSource } from "../../files/index.js";
import type { Library, ListedSession } from "../../library/kept.js";
import { type NewSession, type Session, type SessionQuery, ULID } from "../../store/index.js";
import type { ScreenLine } from "../../terminal/index.js";
import { encodeEvents } from "../holder/event-codec.js";
import type { HeldSession, HolderPool } from "../holder/held-session.js";
import type { HeldEnd } from "../holder/holder-protocol.js";
import type { RuntimeFolder } from "../runtime-folder.js";
import type { JsonObject, SessionInfo } from "../session-info.js";
import type {
  Attachment,
  AttachOptions,
  ClientInfo,
  NewSessionConfig,
  RunResult,
  Scrollback,
  SessionListFilter,
  SessionReference,
  SessionScreen,
  SessionTerminals,
  SessionUsage,
  WaitConditions,
  WaitResult,
} from "../session-manager.js";
import { killProcesses } from "./end-processes.js";
import { KILL_MS, LiveSession, type LiveSessionListener, over, type SizePolicy } from "./live-session.js";
import type { LiveTerminal, TerminalEvents, TerminalListener } from "./live-terminal.js";
import { lastScreen, liveScrollback, scrollbackOf, toScrollback } from "./past-screen.js";
import { type SavedScreen, ScreenCache } from "./screen-cache.js";
import { checkedName, checkedSize, draftOf, planSession, SESSION_TERM, whoAndWhere } from "./session-order.js";
import { screenOf } from "./session-screen.js";
import { Turns } from "./turns.js";

export type { SizePolicy } from "./live-session.js";

/** What a keeper of terminals works with. */
export interface TerminalKeeperOptions {
  /** Open; whoever opened it closes it. */
  readonly library: Library;
  /** The keeper closes it. */
  readonly pool: HolderPool;
  readonly runtime: RuntimeFolder;
  /** Folder of a session's data beside the store: `<it>/<session's ULID>/`. */
  readonly liveFolder: string;
  /** The environment that sessions have which are given none: the daemon's own. */
  readonly env: Readonly<Record<string, string>>;
  /** t2a's. */
  readonly version: string;
  /** `latest` by default. */
  readonly sizePolicy?: SizePolicy | undefined;
  /** The sync of recordings; `interval` by default. */
  readonly sync?: "none" | "interval" | "always" | undefined;
  /** Names of variables whose values shells tell, for `LiveTerminal.environment`; none by default. */
  readonly variables?: readonly string[] | undefined;
  /** File of the key that recordings are signed with; they are not where absent. */
  readonly signKey?: string | undefined;
  /** Sessions that are kept, live ones among them: beyond that the oldest that are over are deleted. No bound where absent. */
  readonly maxSessions?: number | undefined;
  /** Sessions that may live at once; no bound where absent. */
  readonly maxLive?: number | undefined;
  /** Puts a template and what follows from it into a session's wishes: what is absent there is the template's. */
  readonly resolveConfig?: ((config: NewSessionConfig) => Promise<NewSessionConfig>) | undefined;
  /** Puts what enforces limits around a program, and tells what cannot be enforced. */
  readonly confine?: ((program: ConfinedProgram) => Promise<ConfinedProgram>) | undefined;
  /** What live sessions use right now. */
  readonly measure?: ((terminals: readonly LiveTerminal[]) => Promise<readonly SessionUsage[]>) | undefined;
  /** Moves what has ended from the spool into the store, in background; by default the library does so in this process. */
  readonly collect?: (() => Promise<void>) | undefined;
  /** What failed where nobody waits for it: for the log. */
  readonly onProblem?: ((problem: unknown, about: string) => void) | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** A program that is about to be started, with the limits that it is to have. */
export interface ConfinedProgram {
  readonly id: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly limits: NonNullable<NewSessionConfig["limits"]>;
  /** In words. */
  readonly unenforced: readonly string[];
}

/** How a session is started beside its wishes. */
export interface StartOptions {
  /** ULID of the new session; a new one by default. */
  readonly id?: string | undefined;
  /** Id of the session that it comes from: its document names this one among its children. */
  readonly parent?: string | undefined;
  /** Events that the recording begins with: of a session that is resumed its screen. Their times are 0. */
  readonly beginning?: Batch | undefined;
  /** A session that is over, and goes on in a further recording: its document stays and is active again. */
  readonly existing?: Session | undefined;
  /** What it is called where its wishes name it nothing; with a number behind it where a live session is called so already. */
  readonly likedName?: string | undefined;
  /** What else the document of a new one says: agent, purpose, context, state. */
  readonly document?: Partial<Pick<NewSession, "agent" | "purpose" | "context" | "state">> | undefined;
  /**
   * Called before its program starts, with the session's id and name and its folder of data, which is there: gives variables that the
   * program has beside all others.
   */
  readonly prepare?:
    | ((place: {
        readonly id: string;
        readonly name: string;
        readonly folder: string;
      }) => Promise<Readonly<Record<string, string>>>)
    | undefined;
}

/** What is killed is gone by then, and its terminal is closed. */
const KILLED_MS = 500;
/** Who deletes a session waits so long for its recordings to come into the library, milliseconds. */
const COLLECT_MS = 10_000;
/** When a session was active last is saved so often at most, milliseconds. */
const SAVE_MS = 30_000;
const DEFAULT_LIST = 50;
/** A recording that is in neither place is on its way: it is looked for so often, and so far apart, milliseconds. */
const MAX_TRIES = 50;
const TRY_MS = 20;
/** Rows of scrollback at most. */
const MAX_SCROLLBACK = 10_000;
/** What `mark` takes, UTF-16 units; what `send` takes at once, bytes. */
const MAX_LABEL = 4096;
const MAX_SEND_BYTES = 1024 * 1024;
const NO_OUTCOME = ["exitStatus", "error"] as const;

type PastFilter = Pick<SessionListFilter, "agent" | "pastStatus" | "limit"> & Pick<SessionQuery, "tags">;

/** The terminals of sessions. */
export class TerminalKeeper implements SessionTerminals {
  readonly #options: TerminalKeeperOptions;
  readonly #now: () => number;
  readonly #turns = new Turns();
  readonly #cache: ScreenCache;
  readonly #live = new Map<string, LiveSession>();
  /** Names of sessions that are being started, and their number. */
  readonly #startingNames = new Set<string>();
  #starting = 0;
  readonly #listeners = new Map<keyof TerminalEvents, Set<TerminalListener<keyof TerminalEvents>>>();
  readonly #stale = new Set<string>();
  #saveTimer: NodeJS.Timeout | undefined;
  #collecting: Promise<void> = Promise.resolve();
  #isCollectWanted = false;
  #isClosed = false;

  constructor(options: TerminalKeeperOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#cache = new ScreenCache(options.runtime.screens);
  }

  /** Finds the sessions that live in holders, and ends the documents of those that do not any more. Once, before all else. */
  async open(): Promise<void> {
    await this.takeFound(this.#options.pool.sessions);
    this.#sweepScreens();
    await this.#endLost();
    this.#saveTimer = setInterval(() => void this.#saveActivity(), SAVE_MS).unref();
    this.#collect();
  }

  /** Sessions of a holder that answers by now, and did not when this was opened; those that are known already are let be. */
  async takeFound(sessions: readonly HeldSession[]): Promise<void> {
    for (const held of sessions) {
      if (this.#isClosed || this.#live.has(held.facts.sessionId)) continue;
      try {
        await this.#find(held);
      } catch (error) {
        this.#problem(error, `the session ${held.facts.sessionId}, which was found`);
      }
    }
  }

  async createSession(config: NewSessionConfig = {}): Promise<SessionInfo> {
    return await this.startSession(config);
  }

  /**
   * Starts a session. `createSession` is this without options.
   * @throws what `createSession` throws.
   */
  async startSession(config: NewSessionConfig, options: StartOptions = {}): Promise<SessionInfo> {
    const { maxLive } = this.#options;
    if (maxLive !== undefined && this.#live.size + this.#starting >= maxLive) {
      throw new SessionError("T2A_SESSION_LIMIT", `${maxLive} sessions live already: end one first`);
    }
    this.#starting++;
    const names: string[] = [];
    try {
      const resolved = (await this.#options.resolveConfig?.(config)) ?? config;
      return await this.#start(resolved, options, (name) => {
        this.#startingNames.add(name);
        names.push(name);
      });
    } finally {
      this.#starting--;
      for (const name of names) this.#startingNames.delete(name);
    }
  }

  /** All whose terminal lives, oldest first. */
  get live(): readonly LiveTerminal[] {
    return [...this.#live.values()];
  }

  /** The session of that id, where its terminal lives. */
  findLive(id: string): LiveTerminal | undefined {
    return this.#live.get(id);
  }

  /** The session that a reference means, where its terminal lives. @throws as `SessionTerminals`, `T2A_SESSION_OVER`. */
  async getLive(reference: SessionReference): Promise<LiveTerminal> {
    return await this.#getLive(reference);
  }

  /** The document that a reference means, live or past. @throws SessionError `T2A_SESSION_NOT_FOUND`, UsageError. */
  async resolve(reference: SessionReference): Promise<Session> {
    return (await this.#resolve(reference)).session;
  }

  /** A document with what is known while it lives. */
  toInfo(session: Session): SessionInfo {
    const live = this.#live.get(session.id);
    if (live === undefined) return session;
    const { lastActivityAt, live: facts } = live.info;
    return { ...session, lastActivityAt, live: facts };
  }

  /**
   * Changes a session's document in the store, and what is held of it here; whoever is attached is told.
   * @throws StoreError as `Store.update`.
   */
  async updateDocument(id: string, change: (session: Session) => Session): Promise<Session> {
    const session = await this.#options.library.store.update(id, change);
    const live = this.#live.get(id);
    if (live !== undefined && session.revision !== live.session.revision) live.session = session;
    return session;
  }

  /** The screen of a recording that is on its way into the library, as it was saved last. */
  findSavedScreen(id: string, recordingId: string): SavedScreen | undefined {
    return this.#cache.find(id, recordingId);
  }

  /** The folder of a session's data beside the store; made where `isMade`. */
  dataFolder(id: string, { isMade = false }: { readonly isMade?: boolean } = {}): string {
    if (!ULID.test(id)) throw new TypeError("a session's id is a ULID");
    const folder = join(this.#options.liveFolder, id);
    try {
      if (isMade) mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new StoreError("T2A_FILE_IO", `${folder} cannot be made`, { cause: error, details: { name: folder } });
    }
    return folder;
  }

  /** Listens; gives what ends that. */
  on<K extends keyof TerminalEvents>(kind: K, listener: TerminalListener<K>): () => void {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners);
    // `as`: each kind's listeners are told of that kind alone.
    listeners.add(listener as TerminalListener<keyof TerminalEvents>);
    return () => void listeners.delete(listener as TerminalListener<keyof TerminalEvents>);
  }

  async getSession(reference: SessionReference): Promise<SessionInfo> {
    const found = await this.resolve(reference);
    if (this.#live.has(found.id)) return this.toInfo(found);
    const { spool, store } = this.#options.library;
    const spooled = spool.isEmpty ? [] : spool.recordingsOf(found.id);
    // Read behind the look into the spool: what was not there any more is in it.
    const session = (await store.find(found.id)) ?? found;
    const isSettling = spooled.some((id) => !session.recordings.some((recording) => recording.id === id));
    const info = this.toInfo(session);
    return isSettling && info.live === undefined ? { ...info, isSettling } : info;
  }

  async listSessions({
    isLive,
    agent,
    tag,
    pastStatus,
    limit = DEFAULT_LIST,
  }: SessionListFilter = {}): Promise<readonly SessionInfo[]> {
    const isMeant = (session: Session) =>
      (agent === undefined || session.agent === agent) && (tag === undefined || session.tags.includes(tag));
    const live = [...this.#live.values()].map(({ info }) => info).filter(isMeant);
    live.sort(newestFirst);
    if (isLive === true) return live;
    const tags = tag === undefined ? undefined : [tag];
    const over = await this.#over({ agent, tags, pastStatus, limit: limit + this.#live.size });
    const past = over.filter(({ id }) => !this.#live.has(id)).slice(0, limit);
    return isLive === false ? past : [...live, ...past];
  }

  /** Of a status they are in the store, and the spool, which is read file by file, need not be asked: what is there is at work yet. */
  async #over({ pastStatus, ...filter }: PastFilter): Promise<readonly Session[]> {
    const { library } = this.#options;
    const query = { ...filter, isDeleted: false };
    if (pastStatus === undefined) return (await library.list(query)).sessions.map(({ session }) => session);
    return (await library.store.index.listSessions({ ...query, statuses: [pastStatus] })).sessions;
  }

  async listActive(): Promise<readonly SessionInfo[]> {
    return await this.listSessions({ isLive: true });
  }

  async deleteSession(reference: SessionReference): Promise<void> {
    const listed = await this.#resolve(reference);
    const { id, name } = listed.session;
    if (this.#live.has(id)) {
      throw new SessionError("T2A_SESSION_LIVE", `the session ${name} is live: end it first (t2a session kill)`, {
        details: { id },
      });
    }
    await this.#remove(listed);
    this.#cache.remove(id);
    rmSync(this.dataFolder(id), { recursive: true, force: true });
  }

  /** One that has just ended may be on its way into the library: that is waited for. */
  async #remove(listed: ListedSession): Promise<void> {
    const { library } = this.#options;
    try {
      await library.remove(listed);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === "T2A_FILE_LOCKED")) throw error;
      await Promise.race([this.#collecting, after(COLLECT_MS)]);
      await library.remove(listed);
    }
  }

  async renameSession(reference: SessionReference, name: string): Promise<SessionInfo> {
    const checked = checkedName(name);
    const listed = await this.#resolve(reference);
    const { id } = listed.session;
    const live = this.#live.get(id);
    if (live === undefined) {
      await this.#options.library.rename(listed, checked);
      return await this.getSession(id);
    }
    if (live.name !== checked) this.#refuseTaken(checked);
    await this.updateDocument(id, (session) => ({ ...session, name: checked }));
    return live.info;
  }

  async startRecording(reference: SessionReference): Promise<SessionInfo> {
    const live = await this.#getLive(reference);
    live.setRecording(true);
    return live.info;
  }

  async stopRecording(reference: SessionReference): Promise<SessionInfo> {
    const live = await this.#getLive(reference);
    live.setRecording(false);
    return live.info;
  }

  async mark(reference: SessionReference, label: string): Promise<void> {
    if (label.length > MAX_LABEL) throw new UsageError(`a marker's label has at most ${MAX_LABEL} characters`);
    (await this.#getLive(reference)).mark(label);
  }

  async attach(reference: SessionReference, options: AttachOptions): Promise<Attachment> {
    const live = await this.#getLive(reference);
    return await live.attach({ ...options, ...checkedSize(options) });
  }

  async listClients(reference: SessionReference): Promise<readonly ClientInfo[]> {
    return (await this.#getLive(reference)).clients;
  }

  async detachClients(reference: SessionReference, clientId?: string): Promise<void> {
    const live = await this.#getLive(reference);
    const reason = "somebody else ended the attachment";
    if (clientId === undefined) live.detachAll(reason);
    else live.client(clientId).end({ type: "detached", reason });
  }

  async setKeyboard(reference: SessionReference, clientId: string, hasKeyboard: boolean): Promise<void> {
    (await this.#getLive(reference)).setKeyboard(clientId, hasKeyboard);
  }

  async send(reference: SessionReference, bytes: Uint8Array, who = "send"): Promise<void> {
    if (bytes.length > MAX_SEND_BYTES) throw new UsageError("at most 1 MB can be typed at once");
    (await this.#getLive(reference)).input(bytes, who);
  }

  async resize(
    reference: SessionReference,
    size: { readonly cols: number; readonly rows: number },
  ): Promise<SessionInfo> {
    const live = await this.#getLive(reference);
    live.resize(checkedSize(size));
    await live.sized();
    return live.info;
  }

  async screen(reference: SessionReference): Promise<SessionScreen> {
    const listed = await this.#resolve(reference);
    const live = this.#live.get(listed.session.id);
    if (live !== undefined) {
      await live.ready();
      return live.screen;
    }
    const [last] = await this.#recordingIds(listed.session);
    if (last === undefined) {
      const { id, name } = listed.session;
      throw new SessionError("T2A_SESSION_NOT_FOUND", `the session ${name} has no recording to see its screen in`, {
        details: { id },
      });
    }
    const screen = await lastScreen(await this.#openRecording(listed.session.id, last));
    const told = screenOf(screen);
    screen.dispose();
    return told;
  }

  /** Of the recordings the last first: what is enough is not read on. Each begins with what the screen showed at the end of the one before. */
  async scrollback(
    reference: SessionReference,
    lines: number = MAX_SCROLLBACK,
    signal?: AbortSignal,
  ): Promise<Scrollback> {
    if (!Number.isSafeInteger(lines) || lines < 0) throw new UsageError("a number of lines is needed");
    const wanted = Math.min(lines, MAX_SCROLLBACK);
    const listed = await this.#resolve(reference);
    const live = this.#live.get(listed.session.id);
    let rows: readonly ScreenLine[] = [];
    if (live !== undefined && wanted > 0) {
      await live.ready();
      const { path } = live.held.facts;
      rows = await liveScrollback({ path, events: live.position.events }, wanted, signal);
    }
    const current = live?.held.facts.recordingId;
    for (const id of await this.#recordingIds(listed.session)) {
      if (rows.length >= wanted || id === current) continue;
      const source = await this.#openRecording(listed.session.id, id);
      rows = [...(await scrollbackOf(source, wanted - rows.length, signal)), ...rows];
    }
    return await toScrollback(rows);
  }

  async wait(reference: SessionReference, conditions: WaitConditions, signal?: AbortSignal): Promise<WaitResult> {
    checkConditions(conditions);
    const { session } = await this.#resolve(reference);
    const live = this.#live.get(session.id);
    if (live !== undefined) return await live.wait(conditions, signal);
    const { exitStatus } = session;
    const reason = conditions.exit === true ? "exit" : "ended";
    return exitStatus === undefined ? { reason } : { reason, exitStatus };
  }

  async runCommand(reference: SessionReference, line: string, signal?: AbortSignal): Promise<RunResult> {
    if (line.trim() === "") throw new UsageError("there is nothing to run: the line is empty");
    if (Buffer.byteLength(line) > MAX_SEND_BYTES) throw new UsageError("at most 1 MB can be typed at once");
    return await (await this.#getLive(reference)).run(line, signal);
  }

  async killSession(reference: SessionReference, signal = "SIGHUP"): Promise<SessionInfo> {
    if (!Object.hasOwn(constants.signals, signal)) throw new UsageError(`${signal} is no signal: SIGHUP, SIGTERM ...`);
    const live = await this.#getLive(reference);
    const { id } = live;
    const { pid } = live.facts;
    const ended = live.ended().then(() => true);
    live.signal(signal as NodeJS.Signals);
    if (!(await Promise.race([ended, after(KILL_MS)]))) {
      killProcesses(pid);
      if (!(await Promise.race([ended, after(KILLED_MS)]))) live.held.hangUp();
      if (!(await Promise.race([ended, after(KILL_MS)]))) {
        throw new SessionError(
          "T2A_HOLDER",
          `the session ${live.name} was killed, and its holder does not tell of its end`,
        );
      }
    }
    return await this.getSession(id);
  }

  async usage(): Promise<readonly SessionUsage[]> {
    const live = [...this.#live.values()];
    if (this.#options.measure !== undefined) return await this.#options.measure(live);
    return live.map((one) => {
      const { outputBytes, clients, lastOutputAt } = one.facts;
      const { id, name, outputRate } = one;
      return {
        id,
        name,
        cpuPercent: 0,
        memoryBytes: 0,
        processes: 0,
        outputRate,
        outputBytes,
        clients,
        lastOutputAt,
      };
    });
  }

  /** Saves screens and lets go of holders; sessions live on. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#saveTimer);
    await this.#saveActivity();
    for (const live of this.#live.values()) await live.close();
    this.#live.clear();
    await this.#options.pool.close();
    await this.#collecting;
  }

  async #start(
    config: NewSessionConfig,
    { id = ulid(this.#now()), parent = config.parent, beginning, existing, likedName, document, prepare }: StartOptions,
    reserve: (name: string) => void,
  ): Promise<SessionInfo> {
    const sessionId = existing?.id ?? id;
    if (this.#live.has(sessionId)) {
      throw new SessionError("T2A_SESSION_LIVE", `the session ${existing?.name ?? sessionId} is live already`, {
        details: { id: sessionId },
      });
    }
    const { library, pool, signKey, sync = "interval", variables } = this.#options;
    const { store } = library;
    if (parent !== undefined && (await store.find(parent)) === undefined) throw notFound(parent);
    const plan = planSession(config, sessionId, this.#options);
    const explicit = existing === undefined && config.name !== undefined ? checkedName(config.name) : undefined;
    if (explicit !== undefined) this.#refuseTaken(explicit);
    const made = draftOf(config, plan, { id: sessionId, now: this.#now(), name: explicit ?? existing?.name });
    const name = explicit ?? this.#freeName((existing === undefined ? likedName : undefined) ?? made.name);
    reserve(name);
    const draft: NewSession = {
      ...(existing === undefined ? made : draftGoneOn(existing, made)),
      name,
      ...document,
      ...(parent === undefined ? {} : { parent }),
    };
    const folder = this.dataFolder(sessionId, { isMade: true });
    const prepared = (await prepare?.({ id: sessionId, name, folder })) ?? {};
    const limits = config.limits ?? {};
    const { file, args, unenforced } = await this.#confined({
      id: sessionId,
      file: plan.file,
      args: plan.args,
      limits,
      unenforced: [],
    });
    const start = async (): Promise<HeldSession> =>
      await pool.start({
        sessionId,
        recordingId: ulid(this.#now()),
        spool: { folder: library.spool.folder, store: library.location, session: draft as unknown as JsonObject },
        file,
        args,
        env: { ...plan.env, ...prepared },
        cwd: plan.cwd,
        cols: plan.cols,
        rows: plan.rows,
        termType: SESSION_TERM,
        ...(plan.command === undefined ? {} : { command: plan.command }),
        captureInput: plan.captureInput,
        captureEnv: plan.captureEnv,
        // What confines a shell stands where the shell was: then it cannot be started in a way of its own.
        ...(plan.shell === undefined || file !== plan.file ? {} : { shell: { ...plan.shell, variables } }),
        sync,
        ...(signKey === undefined ? {} : { signKey }),
        limits,
        ...(unenforced.length === 0 ? {} : { unenforced }),
        ...(beginning === undefined ? {} : { beginning: Buffer.from(encodeEvents(beginning)).toString("base64") }),
        auditPath: join(folder, "audit.ndjson"),
      });
    const [saved, held] =
      existing === undefined ? await this.#together(draft, start) : await this.#oneByOne(draft, start);
    const live = await this.#follow(held, saved, false);
    if (parent !== undefined) await this.#adopt(parent, sessionId);
    return live.info;
  }

  /** The document is saved while the program starts: where one of the two fails, the other is undone. */
  async #together(draft: NewSession, start: () => Promise<HeldSession>): Promise<[Session, HeldSession]> {
    const { store } = this.#options.library;
    const [saved, started] = await Promise.allSettled([store.create(draft), start()]);
    if (saved.status === "fulfilled" && started.status === "fulfilled") return [saved.value, started.value];
    if (started.status === "fulfilled") endAtOnce(started.value);
    if (saved.status === "fulfilled") {
      const { id, revision } = saved.value;
      await store.remove(id, { revision }).catch((error) => this.#problem(error, "a session that was not started"));
    }
    throw started.status === "rejected" ? started.reason : saved.status === "rejected" ? saved.reason : undefined;
  }

  /**
   * The program first: how the session ended stays in its document until somebody holds it again. Who finds it held, and its document
   * as before, saves that: see `#find`.
   */
  async #oneByOne(draft: NewSession, start: () => Promise<HeldSession>): Promise<[Session, HeldSession]> {
    const held = await start();
    try {
      return [await this.#saveGoneOn(draft), held];
    } catch (error) {
      endAtOnce(held);
      throw error;
    }
  }

  async #saveGoneOn(draft: NewSession): Promise<Session> {
    return await this.#options.library.store.update(draft.id, (there) => goneOn(there, draft));
  }

  async #confined(program: ConfinedProgram): Promise<ConfinedProgram> {
    const { confine } = this.#options;
    return Object.keys(program.limits).length === 0 || confine === undefined ? program : await confine(program);
  }

  async #adopt(parent: string, child: string): Promise<void> {
    await this.updateDocument(parent, (session) =>
      session.children.includes(child) ? session : { ...session, children: [...session.children, child] },
    );
  }

  /** A session of an earlier daemon. */
  async #find(held: HeldSession): Promise<void> {
    const { library } = this.#options;
    const { sessionId } = held.facts;
    const drafted = () =>
      library.spool.entries().find(({ note }) => note.recordingId === held.facts.recordingId)?.session;
    let session = await library.store.find(sessionId);
    if (session === undefined) {
      const draft = drafted();
      if (draft === undefined) throw notFound(sessionId);
      session = await library.store.create(draft);
    } else if (session.status !== "active") {
      const draft = drafted();
      // Whoever resumed it died before that was saved.
      if (draft !== undefined && isGoneOn(session, draft)) {
        session = await this.#savedOrNot(session, (there) => goneOn(there, draft));
      } else if (session.status === "interrupted") {
        session = await this.#savedOrNot(session, (there) => ({ ...there, status: "active" }));
      }
    }
    await this.#follow(held, session, true);
  }

  /** A session that lives can be had though nothing can be saved of it: the disk may be full. */
  async #savedOrNot(session: Session, change: (there: Session) => Session): Promise<Session> {
    try {
      return await this.#options.library.store.update(session.id, change);
    } catch (error) {
      this.#problem(error, `the session ${session.id}, which was found`);
      return change(session);
    }
  }

  async #follow(held: HeldSession, session: Session, isFound: boolean): Promise<LiveSession> {
    const { sizePolicy = "latest", variables = [], version } = this.#options;
    const live = new LiveSession({
      held,
      session,
      isNew: !isFound,
      turns: this.#turns,
      cache: this.#cache,
      sizePolicy,
      variables,
      version,
      host: whoAndWhere().host,
      now: this.#now,
      listener: this.#listener,
    });
    this.#live.set(live.id, live);
    try {
      await live.open();
    } catch (error) {
      this.#live.delete(live.id);
      throw error;
    }
    await this.#tell("start", { terminal: live, isFound });
    return live;
  }

  /** Sessions that were live when a machine or a holder died: what nobody holds is not any more. */
  async #endLost(): Promise<void> {
    const { library } = this.#options;
    const { host } = whoAndWhere();
    const query = { statuses: ["active"], isDeleted: false, host };
    const { sessions } = await library.store.index.listSessions(query);
    if (sessions.every(({ id }) => this.#live.has(id))) return;
    const held = new Set(library.spool.entries().flatMap(({ isHeld, session }) => (isHeld ? [session.id] : [])));
    for (const { id } of sessions) {
      if (this.#live.has(id) || held.has(id)) continue;
      try {
        await library.store.update(id, (there) =>
          there.status === "active" ? { ...there, status: "interrupted" } : there,
        );
      } catch (error) {
        this.#problem(error, `the session ${id}, which was interrupted`);
      }
    }
  }

  readonly #listener: LiveSessionListener = {
    onCommandStart: (terminal, line) => void this.#tell("commandStart", { terminal, line }),
    onCommand: (terminal, command) => void this.#tell("command", { terminal, command }),
    onCwd: (terminal, cwd) => void this.#tell("cwd", { terminal, cwd }),
    onCustom: (terminal, event) => void this.#tell("custom", { terminal, event }),
    onActivity: ({ id }) => void this.#stale.add(id),
    onEnd: async (live, end, failure) => await this.#ended(live, end, failure),
    onProblem: (problem, about) => this.#problem(problem, about),
  };

  async #ended(live: LiveSession, end: HeldEnd | undefined, failure: unknown): Promise<void> {
    const { id } = live;
    const { lastActivityAt } = live.info;
    this.#stale.delete(id);
    const error =
      failure === undefined ? end?.limit : `it failed: ${failure instanceof Error ? failure.message : failure}`;
    try {
      live.session = await this.#options.library.store.update(id, (session) => ({
        ...session,
        status: session.status === "active" ? outcomeOf(end, error) : session.status,
        lastActivityAt,
        ...(end === undefined ? {} : { exitStatus: end.exitStatus }),
        ...(error === undefined ? {} : { error }),
      }));
    } catch (problem) {
      this.#problem(problem, `the end of the session ${id}`);
    }
    if (this.#live.get(id) === live) this.#live.delete(id);
    await this.#tell("end", { terminal: live, session: live.session, end });
    this.#collect();
  }

  /** One after another; what ends meanwhile is in the next. */
  #collect(): void {
    if (this.#isCollectWanted) return;
    this.#isCollectWanted = true;
    this.#collecting = this.#collecting.then(async () => {
      this.#isCollectWanted = false;
      const { library, collect, maxSessions } = this.#options;
      try {
        if (collect !== undefined) await collect();
        else {
          await library.collect({
            onFailed: (recordingId, error) => this.#problem(error, `moving the recording ${recordingId}`),
          });
        }
        if (maxSessions !== undefined) await library.prune({ keep: maxSessions });
        this.#sweepScreens();
      } catch (error) {
        this.#problem(error, "moving recordings into the library");
      }
    });
  }

  /** The screens of sessions that live, and of recordings that are on their way: those in the library have their own. */
  #sweepScreens(): void {
    const { spool } = this.#options.library;
    this.#cache.sweep((id) => this.#live.has(id) || (!spool.isEmpty && spool.recordingsOf(id).length > 0));
  }

  async #saveActivity(): Promise<void> {
    const ids = [...this.#stale];
    this.#stale.clear();
    for (const id of ids) {
      const live = this.#live.get(id);
      if (live === undefined) continue;
      const { lastActivityAt } = live.info;
      try {
        await this.updateDocument(id, (session) => ({ ...session, lastActivityAt }));
      } catch (error) {
        this.#problem(error, `the session ${id}`);
      }
    }
  }

  async #getLive(reference: SessionReference): Promise<LiveSession> {
    const { session } = await this.#resolve(reference);
    const live = this.#live.get(session.id);
    if (live === undefined || live.isOver) throw over(session);
    return live;
  }

  /** Names of live sessions mean those, whatever others were called. */
  async #resolve(reference: SessionReference): Promise<ListedSession> {
    const live =
      this.#live.get(reference) ??
      this.#live.get(reference.toUpperCase()) ??
      [...this.#live.values()].find(({ name }) => name === reference);
    if (live !== undefined) return { session: live.session, spooled: undefined };
    try {
      return await this.#options.library.resolve(reference);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "T2A_STORE_NOT_FOUND") throw error;
      throw notFound(reference, error);
    }
  }

  /** The recordings of a session, the last first; what has just ended is in the spool still. */
  async #recordingIds({ id, recordings }: Session): Promise<readonly string[]> {
    const { spool, store } = this.#options.library;
    const entries = spool.isEmpty ? [] : spool.entries();
    const spooled = entries.flatMap(({ note }) => (note.session.id === id ? [note.recordingId] : []));
    const kept = (await store.find(id))?.recordings ?? recordings;
    return [...new Set([...kept.map((recording) => recording.id), ...spooled])].toReversed();
  }

  /** Opens one that may be moved into the store just now. */
  async #openRecording(sessionId: string, recordingId: string): Promise<Source> {
    const { library } = this.#options;
    for (let tries = 1; ; tries++) {
      try {
        const session = await library.store.find(sessionId);
        const isKept = session?.recordings.some(({ id }) => id === recordingId) === true;
        if (session !== undefined && isKept) {
          return await library.open(library.find({ session, spooled: undefined }, recordingId));
        }
        return await openFileSource(library.spool.recordingPath(recordingId));
      } catch (error) {
        const isMoved = error instanceof StoreError && error.code === "T2A_FILE_NOT_FOUND";
        if (!isMoved || tries === MAX_TRIES) throw error;
        await setTimeout(TRY_MS);
      }
    }
  }

  #isTaken(name: string): boolean {
    return this.#startingNames.has(name) || [...this.#live.values()].some((live) => live.name === name);
  }

  #refuseTaken(name: string): void {
    if (!this.#isTaken(name)) return;
    throw new UsageError(`a live session is called ${name} already: choose another name, or end that one`, {
      details: { name },
    });
  }

  #freeName(name: string): string {
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? name : `${name}-${number}`;
      if (!this.#isTaken(candidate)) return candidate;
    }
  }

  async #tell<K extends keyof TerminalEvents>(kind: K, told: TerminalEvents[K]): Promise<void> {
    const listeners = [...(this.#listeners.get(kind) ?? [])] as unknown as readonly TerminalListener<K>[];
    await Promise.all(
      listeners.map(async (listener) => {
        try {
          await listener(told);
        } catch (error) {
          this.#problem(error, `telling of ${kind}`);
        }
      }),
    );
  }

  #problem(problem: unknown, about: string): void {
    this.#options.onProblem?.(problem, about);
  }
}

/** The draft of a session that goes on: what it is stays, how it is started may be another. Later than all that is known of it. */
function draftGoneOn(existing: Session, made: NewSession): NewSession {
  const { version, revision, savedAt, deletedAt, ...there } = existing;
  const { config } = made;
  const laterMs = Math.max(Date.parse(made.lastActivityAt), Date.parse(existing.lastActivityAt) + 1);
  const lastActivityAt = new Date(laterMs).toISOString();
  return { ...without(there, NO_OUTCOME), status: "active", lastActivityAt, config: { ...there.config, ...config } };
}

/** A document whose session goes on as in the draft. What has come into it since, its earlier recordings among that, stays. */
function goneOn(there: Session, { name, lastActivityAt, config }: NewSession): Session {
  return { ...without(there, NO_OUTCOME), name, status: "active", lastActivityAt, config };
}

/** Whether the document of a session that is over is older than the draft by which the session goes on. */
function isGoneOn(there: Session, draft: NewSession): boolean {
  return there.status !== "handed_off" && Date.parse(there.lastActivityAt) < Date.parse(draft.lastActivityAt);
}

function endAtOnce(held: HeldSession): void {
  held.signal("SIGKILL");
  held.hangUp();
}

function without<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Omit<T, K> {
  const copy = { ...value };
  for (const key of keys) delete copy[key];
  return copy;
}

function outcomeOf(end: HeldEnd | undefined, error: string | undefined): Session["status"] {
  if (error !== undefined) return "failed";
  if (end === undefined) return "interrupted";
  return end.exitStatus === 0 ? "completed" : "failed";
}

function checkConditions({ text, idleMs, exit, prompt, timeoutMs }: WaitConditions): void {
  const isTime = (value: number | undefined) => value === undefined || (value >= 0 && value <= MAX_WAIT_MS);
  if (!isTime(idleMs) || !isTime(timeoutMs)) throw new UsageError("times to wait are between 0 and 24 days");
  if (text === undefined && idleMs === undefined && exit !== true && prompt !== true && timeoutMs === undefined) {
    throw new UsageError("there is nothing to wait for: text, idle, exit, prompt or a time");
  }
}

/** Timers take no longer ones. */
const MAX_WAIT_MS = 2 ** 31 - 1;

function newestFirst(one: Session, other: Session): number {
  return other.createdAt < one.createdAt ? -1 : other.createdAt > one.createdAt ? 1 : other.id < one.id ? -1 : 1;
}

async function after(ms: number): Promise<false> {
  return await setTimeout(ms, false as const, { ref: false });
}

function notFound(reference: string, cause?: unknown): SessionError {
  return new SessionError(
    "T2A_SESSION_NOT_FOUND",
    `there is no session ${reference || '""'}: t2a session ls lists them`,
    { cause, details: { reference } },
  );
}
