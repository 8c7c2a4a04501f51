// Going on with a session that is over: the same session, a new shell where the old one was, in a further recording that begins with the
// screen. What cannot be had as it was is done without, and said.
import { existsSync, statSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { SessionError } from "../../core/index.js";
import { isBeingRecorded, type Library } from "../../library/index.js";
import type { Session } from "../../store/index.js";
import { clampSize } from "../../terminal/index.js";
import { agentFiles } from "../agents/agent-files.js";
import { agentVariables } from "../agents/agent-keeper.js";
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import type { CheckpointedTerminals, CheckpointKeeper } from "../checkpoints/checkpoint-keeper.js";
import type { SavedScreen } from "../manager/screen-cache.js";
import type { StartOptions } from "../manager/terminal-keeper.js";
import type { SessionInfo } from "../session-info.js";
import { type SessionLimits, sessionLimitsSchema } from "../session-limits.js";
import type {
  CheckpointInfo,
  NewSessionConfig,
  ResumeOptions,
  SessionCheckpoints,
  SessionReference,
} from "../session-manager.js";
import { sessionWords } from "../session-words.js";
import { findLastScreen } from "./last-screen.js";
import { resumedBeginning } from "./resumed-beginning.js";

/** What resuming needs of the keeper of terminals. */
export interface ResumingTerminals extends CheckpointedTerminals {
  startSession(config: NewSessionConfig, options: StartOptions): Promise<SessionInfo>;
  findSavedScreen(id: string, recordingId: string): SavedScreen | undefined;
}

/** What a resumer works with. */
export interface SessionResumerOptions {
  readonly terminals: ResumingTerminals;
  readonly checkpoints: CheckpointKeeper;
  /** Open; whoever opened it closes it. */
  readonly library: Library;
  /** The environment of shells that are given none, and the user's home. */
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  /** This machine's name: an active session of another one is that one's. */
  readonly host: string;
}

/** How long a shell is waited for before a command is typed, milliseconds: with marks of its prompt, and without. */
const PROMPT_MS = 5_000;
const MARKLESS_MS = 500;
const LOOK_MS = 20;
/** What typing would mean something else by; lines are typed one after the other. */
const UNTYPABLE = /[\p{Cc}]/u;

/** Checkpoints, and going on from them. */
export class SessionResumer implements SessionCheckpoints {
  readonly #options: SessionResumerOptions;
  /** Sessions that are being resumed. */
  readonly #going = new Set<string>();

  constructor(options: SessionResumerOptions) {
    this.#options = options;
  }

  async listCheckpoints(reference: SessionReference): Promise<readonly CheckpointInfo[]> {
    return await this.#options.checkpoints.listCheckpoints(reference);
  }

  async checkpoint(reference: SessionReference): Promise<CheckpointInfo> {
    return await this.#options.checkpoints.checkpoint(reference);
  }

  /** Writes a checkpoint of each session that lives: whoever has them lets go of them. Idempotent. */
  async close(): Promise<void> {
    const { checkpoints } = this.#options;
    await checkpoints.checkpointAll("signal");
    checkpoints.close();
  }

  async resume(reference: SessionReference | undefined, options: ResumeOptions = {}): Promise<SessionInfo> {
    const { terminals } = this.#options;
    return await this.#goOn(
      reference === undefined ? await this.#findLast() : await terminals.resolve(reference),
      options,
    );
  }

  async restore(reference: SessionReference, options: ResumeOptions = {}): Promise<SessionInfo> {
    return await this.#goOn(await this.#options.terminals.resolve(reference), options);
  }

  /** The last that ended badly. */
  async #findLast(): Promise<Session> {
    const { index } = this.#options.library.store;
    for (const status of ["interrupted", "failed"]) {
      const query = { statuses: [status], isDeleted: false, sort: "activity", limit: 1 } as const;
      const [session] = (await index.listSessions(query)).sessions;
      if (session !== undefined) return await this.#options.terminals.resolve(session.id);
    }
    throw new SessionError("T2A_SESSION_NOT_FOUND", "no session ended badly: name the one to resume (t2a session ls)");
  }

  async #goOn(session: Session, options: ResumeOptions): Promise<SessionInfo> {
    const { id, name } = session;
    if (this.#going.has(id) || this.#options.terminals.findLive(id) !== undefined) {
      throw new SessionError("T2A_SESSION_LIVE", `the session ${name} lives already: t2a session attach shows it`, {
        details: { id },
      });
    }
    this.#going.add(id);
    try {
      await this.#checkTransition(session);
      return await this.#start(session, options);
    } finally {
      this.#going.delete(id);
    }
  }

  async #checkTransition(session: Session): Promise<void> {
    const { id, status, host, handoffTo, deletedAt } = session;
    const refuse = (why: string): never => {
      throw new SessionError(
        "T2A_SESSION_TRANSITION",
        `the session ${sessionWords(session)} cannot be resumed: ${why}`,
        {
          details: { id, status },
        },
      );
    };
    if (deletedAt !== undefined) refuse(`it is in the trash: t2a undelete ${id} takes it out`);
    if (status === "handed_off") {
      const heir = handoffTo === undefined ? undefined : await this.#options.library.store.find(handoffTo);
      const words = heir === undefined ? handoffTo : sessionWords(heir);
      refuse(`it was handed off${words === undefined ? "" : ` to ${words}`}`);
    }
    // Nobody here has it: what had it is gone. Elsewhere somebody may.
    if (status === "active" && host !== undefined && host !== this.#options.host) refuse(`it is active on ${host}`);
  }

  async #start(session: Session, options: ResumeOptions): Promise<SessionInfo> {
    const { checkpoints, library, terminals } = this.#options;
    this.#refuseHeld(session);
    const notes: string[] = [];
    const found = await checkpoints.findLast(session.id);
    const checkpoint = found?.checkpoint;
    for (const path of found?.damaged ?? []) notes.push(`the checkpoint ${path} is damaged: the one before it is used`);
    // Its last recording may be on its way into the library, which can take long: it is read where it is.
    const findSaved = (recordingId: string) => terminals.findSavedScreen(session.id, recordingId);
    const last = await findLastScreen(library, session, { findSaved });
    notes.push(...(last?.problems ?? []));
    try {
      const size = clampSize({
        cols: options.cols ?? checkpoint?.cols ?? last?.screen.cols ?? session.config.cols,
        rows: options.rows ?? checkpoint?.rows ?? last?.screen.rows ?? session.config.rows,
      });
      const cwd = this.#findFolder(checkpoint?.cwd ?? last?.cwd ?? session.config.cwd, notes);
      const command = options.rerun === true ? session.config.command : undefined;
      const limits = sessionLimitsSchema.safeParse(session.config.limits ?? {});
      const config: NewSessionConfig = {
        ...{ cwd, ...size, env: this.#environmentOf(session, checkpoint, options) },
        ...(command === undefined ? {} : { command }),
        ...(limits.success && Object.keys(limits.data).length > 0 ? { limits: limits.data as SessionLimits } : {}),
      };
      const beginning = last === undefined ? undefined : resumedBeginning(last.screen, size);
      const prepare = session.agent === undefined ? undefined : agentPlaces;
      const info = await terminals.startSession(config, { beginning, existing: session, prepare });
      const line = checkpoint?.commandLine;
      if (options.rerun === true && command === undefined) {
        if (line === undefined)
          notes.push("no command was running, as far as the last checkpoint knows: none is started");
        else await this.#type(session.id, line, notes);
      }
      return notes.length === 0 ? info : { ...info, notes };
    } finally {
      last?.screen.dispose();
    }
  }

  /** A holder that does not answer has it still: a second terminal would write into the same session. */
  #refuseHeld({ id, name }: Session): void {
    const { library } = this.#options;
    if (library.spool.isEmpty) return;
    const entries = library.spool.entries(library.location).filter(({ session }) => session.id === id);
    const held = entries.find(({ path, isHeld }) => isHeld && isBeingRecorded(path));
    if (held === undefined) return;
    const { pid } = held.note;
    throw new SessionError(
      "T2A_SESSION_LIVE",
      `the session ${name} lives in the process ${pid}, which does not answer: it comes back when that goes on (kill -CONT ${pid}), or can be resumed when that was ended (kill -9 ${pid})`,
      { details: { id, pid } },
    );
  }

  #findFolder(cwd: string | undefined, notes: string[]): string {
    const { home } = this.#options;
    if (cwd === undefined) return home;
    try {
      if (statSync(cwd).isDirectory()) return cwd;
    } catch {} // said below
    notes.push(`the folder ${cwd} is not there any more: the session goes on in ${home}`);
    return home;
  }

  #environmentOf(
    { config }: Session,
    checkpoint: Checkpoint | undefined,
    { env = this.#options.env }: ResumeOptions,
  ): Readonly<Record<string, string>> {
    const { SHELL, ...kept } = config.env;
    const whole: Record<string, string> = { ...env, ...kept, ...(env.SHELL === undefined && SHELL ? { SHELL } : {}) };
    for (const [name, value] of Object.entries(checkpoint?.env ?? {})) {
      if (value === null) delete whole[name];
      else whole[name] = value;
    }
    return whole;
  }

  /** Types the command that was running, once the shell takes it. */
  async #type(id: string, line: string, notes: string[]): Promise<void> {
    const lines = line.split("\n");
    if (lines.some((one) => UNTYPABLE.test(one))) {
      notes.push("the command that was running has control characters in it, and is not started again");
      return;
    }
    const begun = performance.now();
    for (;;) {
      const terminal = this.#options.terminals.findLive(id);
      if (terminal === undefined) return;
      const waited = performance.now() - begun;
      const isReady = terminal.isAtPrompt === true || (terminal.isAtPrompt === undefined && waited > MARKLESS_MS);
      if (isReady || waited > PROMPT_MS) {
        terminal.input(Buffer.from(lines.map((one) => `${one}\r`).join("")), "resume");
        return;
      }
      await setTimeout(LOOK_MS);
    }
  }
}

/** What an agent's shell is told of its context, and of what was handed to it. */
async function agentPlaces({ folder }: { readonly folder: string }): Promise<Readonly<Record<string, string>>> {
  return agentVariables(folder, existsSync(agentFiles(folder).bundle));
}
