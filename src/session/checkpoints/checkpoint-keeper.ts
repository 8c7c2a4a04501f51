// Checkpoints of live sessions: when they are written, and of what. One is due each interval, and soon after a command ended, the folder
// changed or state was set: such come in swarms, so the last of them waits a moment for more.
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Session } from "../../store/index.js";
import type { LiveTerminal, TerminalEvents, TerminalListener } from "../manager/live-terminal.js";
import type { JsonObject } from "../session-info.js";
import type { CheckpointInfo, SessionReference } from "../session-manager.js";
import type { Checkpoint, CheckpointReason } from "./checkpoint.js";
import { CheckpointFolder, type FoundCheckpoint } from "./checkpoint-folder.js";

/** What checkpoints need of the keeper of terminals. */
export interface CheckpointedTerminals {
  readonly live: readonly LiveTerminal[];
  findLive(id: string): LiveTerminal | undefined;
  getLive(reference: SessionReference): Promise<LiveTerminal>;
  resolve(reference: SessionReference): Promise<Session>;
  dataFolder(id: string, options?: { readonly isMade?: boolean }): string;
  on<K extends keyof TerminalEvents>(kind: K, listener: TerminalListener<K>): () => void;
}

/** What a keeper of checkpoints works with. */
export interface CheckpointKeeperOptions {
  readonly terminals: CheckpointedTerminals;
  /** Milliseconds between checkpoints of a session in which something happens; 30 minutes by default. */
  readonly intervalMs?: number | undefined;
  /** Checkpoints before the newest that are kept; 10 by default. */
  readonly backups?: number | undefined;
  /** How long a change waits for more, milliseconds; 2 s by default. */
  readonly settleMs?: number | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
  /** What failed where nobody waits for it. */
  readonly onProblem?: ((problem: unknown, about: string) => void) | undefined;
}

const INTERVAL_MS = 30 * 60_000;
const SETTLE_MS = 2_000;
const BACKUPS = 10;
/** A change does not wait for longer, however many follow it: so many times `settleMs`. */
const MAX_SETTLES = 5;
const FOLDER = "checkpoints";

/** What is due for a session. */
interface Due {
  interval: NodeJS.Timeout;
  soon: NodeJS.Timeout | undefined;
  /** When the first of the changes was that wait, milliseconds of a clock that only rises. */
  since: number;
  /** Events of its recording at the last checkpoint: nothing happened since where they are the same. */
  events: number;
}

/** Keeps checkpoints. */
export class CheckpointKeeper {
  readonly #options: CheckpointKeeperOptions;
  readonly #due = new Map<string, Due>();
  readonly #folders = new Map<string, CheckpointFolder>();
  readonly #listening: readonly (() => void)[];
  #isClosed = false;

  constructor(options: CheckpointKeeperOptions) {
    this.#options = options;
    const { terminals } = options;
    this.#listening = [
      terminals.on("start", ({ terminal }) => this.#follow(terminal.id)),
      // What runs for long is to be known too.
      terminals.on("commandStart", ({ terminal }) => this.#changed(terminal.id, "command")),
      terminals.on("command", ({ terminal }) => this.#changed(terminal.id, "command")),
      terminals.on("cwd", ({ terminal }) => this.#changed(terminal.id, "cwd")),
      terminals.on("end", async ({ terminal }) => {
        this.#unfollow(terminal.id);
        await this.#write(terminal, "exit");
        this.#folders.delete(terminal.id); // not before: one that is written just now goes first
      }),
    ];
    for (const { id } of terminals.live) this.#follow(id);
  }

  /** Newest first. @throws as `SessionTerminals`; StoreError `T2A_FILE_IO`. */
  async listCheckpoints(reference: SessionReference): Promise<readonly CheckpointInfo[]> {
    const { id } = await this.#options.terminals.resolve(reference);
    const files = await this.folderOf(id).list();
    return files.map(({ number, checkpoint, writtenMs }) =>
      checkpoint === undefined
        ? {
            ...{ number, createdAt: new Date(writtenMs).toISOString(), reason: "asked", recordingId: id },
            ...{ timeNs: 0, events: 0, isDamaged: true },
          }
        : infoOf(checkpoint),
    );
  }

  /** Writes one now. @throws SessionError `T2A_SESSION_OVER`; StoreError `T2A_FILE_IO`. */
  async checkpoint(reference: SessionReference): Promise<CheckpointInfo> {
    const terminal = await this.#options.terminals.getLive(reference);
    return infoOf(await this.#take(terminal, "asked"));
  }

  /** State of a session was changed. */
  stateChanged(id: string): void {
    this.#changed(id, "state");
  }

  /** The newest that can be read; undefined where there is none. @throws StoreError `T2A_FILE_IO`. */
  async findLast(id: string): Promise<FoundCheckpoint | undefined> {
    return await this.folderOf(id).findLast();
  }

  /** Writes one of each live session: the daemon is told to end. */
  async checkpointAll(reason: CheckpointReason): Promise<void> {
    if (this.#isClosed) return;
    await Promise.all(this.#options.terminals.live.map((terminal) => this.#write(terminal, reason)));
  }

  /** Stops its clocks. Idempotent. */
  close(): void {
    this.#isClosed = true;
    for (const stop of this.#listening) stop();
    for (const id of [...this.#due.keys()]) this.#unfollow(id);
  }

  /** The folder of a session's checkpoints, which need not be there; of one that lives always the same, so that it writes one at a time. */
  folderOf(id: string): CheckpointFolder {
    const known = this.#folders.get(id);
    if (known !== undefined) return known;
    const folder = new CheckpointFolder(join(this.#options.terminals.dataFolder(id), FOLDER));
    if (this.#due.has(id)) this.#folders.set(id, folder);
    return folder;
  }

  #follow(id: string): void {
    if (this.#isClosed || this.#due.has(id)) return;
    const { intervalMs = INTERVAL_MS } = this.#options;
    const interval = setInterval(() => {
      const terminal = this.#options.terminals.findLive(id);
      const isSame = terminal?.position.events === this.#due.get(id)?.events;
      if (terminal !== undefined && !isSame) void this.#write(terminal, "interval");
    }, intervalMs);
    interval.unref();
    this.#due.set(id, { interval, soon: undefined, since: 0, events: -1 });
  }

  #unfollow(id: string): void {
    const due = this.#due.get(id);
    if (due === undefined) return;
    clearInterval(due.interval);
    clearTimeout(due.soon);
    this.#due.delete(id);
  }

  /** Soon, and once for all that changes until then. */
  #changed(id: string, reason: CheckpointReason): void {
    const due = this.#due.get(id);
    if (due === undefined) return;
    const { settleMs = SETTLE_MS } = this.#options;
    const now = performance.now();
    if (due.soon === undefined) due.since = now;
    clearTimeout(due.soon);
    const left = Math.max(0, due.since + MAX_SETTLES * settleMs - now);
    due.soon = setTimeout(
      () => {
        due.soon = undefined;
        const terminal = this.#options.terminals.findLive(id);
        if (terminal !== undefined) void this.#write(terminal, reason);
      },
      Math.min(settleMs, left),
    );
    due.soon.unref();
  }

  /** As `#take`; what fails is told of. */
  async #write(terminal: LiveTerminal, reason: CheckpointReason): Promise<void> {
    try {
      await this.#take(terminal, reason);
    } catch (error) {
      this.#options.onProblem?.(error, `checkpoint of ${terminal.id}`);
    }
  }

  async #take(terminal: LiveTerminal, reason: CheckpointReason): Promise<Checkpoint> {
    const { now = Date.now, backups = BACKUPS } = this.#options;
    const { id, session, facts, position, cwd, commandLine, environment } = terminal;
    const due = this.#due.get(id);
    if (due !== undefined) due.events = position.events;
    const { context } = session;
    const folder = this.folderOf(id);
    return await folder.write(
      {
        sessionId: id,
        createdAt: new Date(now()).toISOString(),
        reason,
        recordingId: facts.recordingId,
        timeNs: position.timeNs,
        events: position.events,
        cols: facts.cols,
        rows: facts.rows,
        cwd,
        commandLine,
        // A shell that is not at its first prompt yet was started with what the last one told.
        env: environment ?? (await folder.findLast())?.checkpoint.env ?? {},
        state: session.state.session as JsonObject,
        contextSha256:
          context === undefined ? undefined : createHash("sha256").update(JSON.stringify(context)).digest("hex"),
      },
      backups,
    );
  }
}

function infoOf(checkpoint: Checkpoint): CheckpointInfo {
  const { number, createdAt, reason, recordingId, timeNs, events, cwd, commandLine } = checkpoint;
  return { number, createdAt, reason, recordingId, timeNs, events, cwd, commandLine, isDamaged: false };
}
