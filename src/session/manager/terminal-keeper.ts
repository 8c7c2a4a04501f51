// Sessions and their terminals, as the daemon keeps them: those that live in holders, and those of the library that are over.
import type { Batch } from "../../core/index.js";
import type { Library } from "../../library/kept.js";
import type { NewSession, Session } from "../../store/index.js";
import type { HolderPool } from "../holder/held-session.js";
import type { RuntimeFolder } from "../runtime-folder.js";
import type { SessionInfo } from "../session-info.js";
import type { NewSessionConfig, SessionReference, SessionUsage } from "../session-manager.js";
import type { LiveTerminal, TerminalEvents, TerminalListener } from "./live-terminal.js";

/** Whose size a session has where several are attached: that of who typed or attached last, or the smallest or largest of all. */
export type SizePolicy = "latest" | "smallest" | "largest";

/** What a keeper of terminals works with. */
export interface TerminalKeeperOptions {
  /** Open; whoever opened it closes it. */
  readonly library: Library;
  readonly pool: HolderPool;
  readonly runtime: RuntimeFolder;
  /** Folder of a session's data beside the store: `<it>/<session's ULID>/`. */
  readonly liveFolder: string;
  /** The environment that sessions have which are given none: the daemon's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly sizePolicy?: SizePolicy | undefined;
  /** The sync of recordings. */
  readonly sync?: "none" | "interval" | "always" | undefined;
  /** Sessions that may live at once; no bound where absent. */
  readonly maxLive?: number | undefined;
  /** Puts a template and what follows from it into a session's wishes: what is absent there is the template's. */
  readonly resolveConfig?: ((config: NewSessionConfig) => Promise<NewSessionConfig>) | undefined;
  /** What live sessions use right now. */
  readonly measure?: ((terminals: readonly LiveTerminal[]) => Promise<readonly SessionUsage[]>) | undefined;
  /** Moves what has ended from the spool into the store, in background; by default the library collects in this process. */
  readonly collect?: (() => Promise<void>) | undefined;
  /** What failed where nobody waits for it: for the log. */
  readonly onProblem?: ((problem: unknown, about: string) => void) | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
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
  /** What else its document says: agent, purpose, context, state. */
  readonly document?: Partial<Pick<NewSession, "agent" | "purpose" | "context" | "state">> | undefined;
  /**
   * Called before its program starts, with the session's id and its folder of data, which is there: gives variables that the program has
   * beside all others.
   */
  readonly prepare?:
    | ((place: { readonly id: string; readonly folder: string }) => Promise<Readonly<Record<string, string>>>)
    | undefined;
}

/** The terminals of sessions. */
export class TerminalKeeper {
  readonly #options: TerminalKeeperOptions;

  constructor(options: TerminalKeeperOptions) {
    this.#options = options;
  }

  /** Finds the sessions that live in holders, and ends the documents of those that do not any more. Once, before all else. */
  async open(): Promise<void> {
    throw new Error(`not there yet (${this.#options.liveFolder})`);
  }

  /**
   * Starts a session. `createSession` is this without options.
   * @throws what `createSession` throws.
   */
  async startSession(_config: NewSessionConfig, _options: StartOptions = {}): Promise<SessionInfo> {
    throw new Error("not there yet");
  }

  /** All whose terminal lives, oldest first. */
  get live(): readonly LiveTerminal[] {
    return [];
  }

  /** The session of that id, where its terminal lives. */
  findLive(_id: string): LiveTerminal | undefined {
    return undefined;
  }

  /** The session that a reference means, where its terminal lives. @throws as `SessionTerminals`, `T2A_SESSION_OVER`. */
  async getLive(_reference: SessionReference): Promise<LiveTerminal> {
    throw new Error("not there yet");
  }

  /** The document that a reference means, live or past. @throws SessionError `T2A_SESSION_NOT_FOUND`, UsageError. */
  async resolve(_reference: SessionReference): Promise<Session> {
    throw new Error("not there yet");
  }

  /** A document with what is known while it lives. */
  toInfo(session: Session): SessionInfo {
    return session;
  }

  /**
   * Changes a session's document in the store, and what is held of it here; whoever is attached is told.
   * @throws StoreError as `Store.update`.
   */
  async updateDocument(_id: string, _change: (session: Session) => Session): Promise<Session> {
    throw new Error("not there yet");
  }

  /** The folder of a session's data beside the store; made where `isMade`. */
  dataFolder(_id: string, _options?: { readonly isMade?: boolean }): string {
    throw new Error("not there yet");
  }

  /** Listens; gives what ends that. */
  on<K extends keyof TerminalEvents>(_kind: K, _listener: TerminalListener<K>): () => void {
    throw new Error("not there yet");
  }

  /** Saves screens and lets go of holders; sessions live on. Idempotent. */
  async close(): Promise<void> {}
}
