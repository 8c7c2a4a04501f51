// Hooks: programs of the settings and of templates, and functions, that are told what happens to sessions. They are told, and nothing else:
// what they print is dropped, what they fail with is reported once, and nobody waits for them.
import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Settings } from "../../config/index.js";
import { NANOS_PER_MS, systemCode } from "../../core/index.js";
import type { JsonObject } from "../session-info.js";
import type { HookCommands, HookName } from "./hook-names.js";

/** Programs at once; others wait. */
const MAX_RUNNING = 4;
/** So many may wait; beyond it they are not run. */
const MAX_WAITING = 200;
const DEFAULT_TIMEOUT_MS = 5000;
/** Programs whose failures are remembered as reported. */
const MAX_REPORTED = 1000;

/** What a hook is told, as JSON on a program's standard input, frozen for a function. */
export interface HookEvent {
  readonly hook: HookName;
  /** ISO 8601. */
  readonly time: string;
  /** The session's id, name, status and what else is known of it. */
  readonly session: JsonObject;
  /** What this hook alone is about. */
  readonly data: JsonObject;
}

/** Is told. What it throws or rejects with is reported once. */
export type HookFunction = (event: HookEvent) => void | Promise<void>;

/** What hooks work with. */
export interface HooksOptions {
  /** Programs of the settings. */
  readonly commands?: HookCommands | undefined;
  /** Programs of a template, beside those. */
  readonly findTemplateHooks?: ((template: string) => Promise<HookCommands>) | undefined;
  /** Environment of the programs. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** A program that takes longer is killed with all that it started, milliseconds; 5 s by default. */
  readonly timeoutMs?: number | undefined;
  /** A program, or a function, that failed, in words; once each. */
  readonly onProblem?: ((problem: string) => void) | undefined;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** The programs and the time-out of the settings. */
export function hookSettings(settings: Settings): { readonly commands: HookCommands; readonly timeoutMs: number } {
  const all: Record<HookName, readonly string[]> = {
    onSessionStart: settings["hooks.on_session_start"],
    onSessionEnd: settings["hooks.on_session_end"],
    onCommandExecute: settings["hooks.on_command_execute"],
    onTaskStart: settings["hooks.on_task_start"],
    onTaskComplete: settings["hooks.on_task_complete"],
    onHandoff: settings["hooks.on_handoff"],
    onLimit: settings["hooks.on_limit"],
  };
  const commands = Object.fromEntries(Object.entries(all).filter(([, program]) => program.length > 0));
  return { commands, timeoutMs: settings["hooks.timeout"] / NANOS_PER_MS };
}

/** A program that waits for its turn. */
interface WaitingProgram {
  readonly hook: HookName;
  readonly command: readonly string[];
  readonly sessionId: string;
  readonly input: string;
}

/** All hooks of a manager. */
export class Hooks {
  readonly #options: HooksOptions;
  readonly #functions = new Map<HookName, Set<HookFunction>>();
  readonly #waiting: WaitingProgram[] = [];
  readonly #reported = new Set<string>();
  readonly #idle: (() => void)[] = [];
  /** Of templates: what is looked up before programs can wait. */
  #lookups = 0;
  #running = 0;
  #isClosed = false;

  constructor(options: HooksOptions = {}) {
    this.#options = options;
  }

  /** Has a function called at each event of a hook; gives what ends that. */
  on(hook: HookName, listener: HookFunction): () => void {
    const listeners = this.#functions.get(hook) ?? new Set();
    this.#functions.set(hook, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /**
   * Tells a hook. Comes back at once, and never throws.
   * @param session at least its id; its template's programs are run too.
   */
  run(hook: HookName, session: JsonObject & { readonly id: string }, data: JsonObject = {}): void {
    if (this.#isClosed) return;
    const time = new Date(this.#options.now?.() ?? Date.now()).toISOString();
    const event: HookEvent = deepFreeze({ hook, time, session: structuredClone(session), data: structuredClone(data) });
    for (const listener of this.#functions.get(hook) ?? []) this.#call(listener, event);
    this.#add(event, this.#options.commands?.[hook]);
    const template = templateOf(session);
    if (template !== undefined && this.#options.findTemplateHooks !== undefined)
      void this.#addOfTemplate(event, template);
  }

  /** Comes back when none runs or waits any more. */
  async settled(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** No more are begun; those that run are waited for, until their time is over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiting.length = 0;
    await this.settled();
  }

  get #isIdle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0 && this.#lookups === 0;
  }

  #call(listener: HookFunction, event: HookEvent): void {
    const failed = (error: unknown) =>
      this.#report(`${event.hook} function`, `a function for ${event.hook} failed: ${messageOf(error)}`);
    try {
      void Promise.resolve(listener(event)).catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  async #addOfTemplate(event: HookEvent, template: string): Promise<void> {
    this.#lookups++;
    try {
      const hooks = await this.#options.findTemplateHooks?.(template);
      if (!this.#isClosed) this.#add(event, hooks?.[event.hook]);
    } catch (error) {
      this.#report(`template ${template}`, `the hooks of the template ${template} cannot be read: ${messageOf(error)}`);
    } finally {
      this.#lookups--;
      this.#tellIdle();
    }
  }

  #add(event: HookEvent, command: readonly string[] | undefined): void {
    if (command === undefined || command.length === 0) return;
    const { hook, session } = event;
    if (this.#waiting.length >= MAX_WAITING) {
      this.#report("waiting", `${hook}: more than ${MAX_WAITING} hooks wait for others to end: it was not run`);
      return;
    }
    this.#waiting.push({ hook, command, sessionId: String(session.id), input: `${JSON.stringify(event)}\n` });
    this.#startNext();
  }

  #startNext(): void {
    while (this.#running < MAX_RUNNING) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#running++;
      void this.#runProgram(next).then((problem) => {
        this.#running--;
        if (problem !== undefined)
          this.#report(`${next.hook} ${next.command.join(" ")}`, `${next.hook}: ${next.command[0]} ${problem}`);
        this.#startNext();
        this.#tellIdle();
      });
    }
  }

  /** Gives what went wrong. */
  #runProgram({ hook, command, sessionId, input }: WaitingProgram): Promise<string | undefined> {
    const { env = {}, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const home = env.HOME ?? homedir();
    const [file = "", ...args] = command.map((word, index) =>
      index === 0 && word.startsWith("~/") ? join(home, word.slice(2)) : word,
    );
    return new Promise((resolve) => {
      try {
        const child = spawn(file, args, {
          cwd: "/",
          env: { ...env, T2A_HOOK: hook, T2A_SESSION: sessionId },
          stdio: ["pipe", "ignore", "ignore"],
          detached: true, // a group of its own, that can be killed as a whole
        });
        let isLate = false;
        const timer = setTimeout(() => {
          isLate = true;
          killGroup(child.pid);
        }, timeoutMs);
        child.stdin.on("error", () => undefined); // who does not read it does not want it
        child.stdin.end(input);
        child.on("error", (error) => {
          clearTimeout(timer);
          resolve(`cannot be started: ${systemCode(error) ?? messageOf(error)}`);
        });
        child.on("exit", (status, signal) => {
          clearTimeout(timer);
          if (isLate) resolve(`took longer than ${timeoutMs} ms and was ended`);
          else if (signal !== null) resolve(`was ended by ${signal}`);
          else resolve(status === 0 ? undefined : `exited with status ${status}`);
        });
      } catch (error) {
        resolve(`cannot be started: ${systemCode(error) ?? messageOf(error)}`); // what cannot be a command line at all
      }
    });
  }

  #tellIdle(): void {
    if (this.#isIdle) for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Once each: a hook that fails fails at every command. */
  #report(about: string, problem: string): void {
    if (this.#reported.has(about) || this.#reported.size >= MAX_REPORTED) return;
    this.#reported.add(about);
    try {
      this.#options.onProblem?.(problem);
    } catch {
      // Who takes reports is not to hurt either.
    }
  }
}

/** Of a session's document: `config.template`. */
function templateOf(session: JsonObject): string | undefined {
  const { config } = session;
  if (typeof config !== "object" || config === null || !("template" in config)) return undefined;
  return typeof config.template === "string" ? config.template : undefined;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (systemCode(error) !== "ESRCH" && systemCode(error) !== "EPERM") throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
