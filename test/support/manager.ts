// A manager of sessions for tests: real holders, real shells, a library of files, all of it gone when the test is over.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { Library, Spool } from "../../src/library/kept.js";
import {
  type AttachMessage,
  type Attachment,
  type SessionInfo,
  TerminalKeeper,
  type TerminalKeeperOptions,
} from "../../src/session/index.js";
import { openStore } from "../../src/store/index.js";
import { Screen } from "../../src/terminal/index.js";
import { HOLDER_PROGRAM, type HolderHouse, type HolderPlace, holderHouse, kill } from "./holders.js";

/** Where managers of one user live, one after another. */
export interface ManagerHouse extends HolderHouse {
  readonly env: Readonly<Record<string, string>>;
  readonly problems: string[];
  /** A manager that finds what is there. */
  manager(options?: Partial<TerminalKeeperOptions>): Promise<TerminalKeeper>;
  /** The same, with its library. */
  managed(
    options?: Partial<TerminalKeeperOptions>,
  ): Promise<{ readonly keeper: TerminalKeeper; readonly library: Library }>;
  /** One in a process of its own, of the built program, which kills itself at a step of resuming where one is named. */
  managerProcess(killAt?: string): Promise<ManagerProcess>;
  readonly storeFolder: string;
}

/** A manager that can be killed. */
export interface ManagerProcess {
  readonly child: ChildProcess;
  readonly problems: string[];
  call(method: string, ...args: readonly unknown[]): Promise<unknown>;
  /** With SIGKILL. */
  kill(): Promise<void>;
}

const MANAGER_PROGRAM = fileURLToPath(new URL("./manager-process.mjs", import.meta.url));

/** Makes it. */
export function managerHouse(place: HolderPlace = "apart"): ManagerHouse {
  const house = holderHouse(place);
  const { path } = house;
  const storeFolder = path("store");
  mkdirSync(path("home"), { recursive: true });
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: path("home"),
    SHELL: "/bin/bash",
    LANG: "C.UTF-8",
    PS1: "$ ",
    XDG_RUNTIME_DIR: path("r"),
  };
  const problems: string[] = [];
  return {
    ...house,
    env,
    problems,
    storeFolder,
    async manager(options = {}) {
      return (await this.managed(options)).keeper;
    },
    async managed(options = {}) {
      const store = await openStore({ driver: "files", folder: storeFolder }, { cacheFolder: path("cache") });
      const library = new Library({ store, spool: new Spool(path("spool")), location: "test" });
      const keeper = new TerminalKeeper({
        library,
        pool: await house.open(),
        runtime: house.runtime,
        liveFolder: path("live"),
        env,
        version: "0.0.0-test",
        sync: "none",
        onProblem: (problem, about) =>
          problems.push(`${about}: ${problem instanceof Error ? (problem.stack ?? problem.message) : problem}`),
        ...options,
      });
      onTestFinished(async () => {
        for (const { facts } of keeper.live) kill(-facts.pid, "SIGKILL");
        await keeper.close();
        await library.close();
      });
      await keeper.open();
      return { keeper, library };
    },
    async managerProcess(killAt) {
      const folders = {
        runtime: path("r"),
        store: storeFolder,
        cache: path("cache"),
        spool: path("spool"),
        live: path("live"),
      };
      const argument = JSON.stringify({ folders, program: HOLDER_PROGRAM, env, killAt });
      const child = fork(MANAGER_PROGRAM, [argument], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
      onTestFinished(() => void child.kill("SIGKILL"));
      return await managerProcess(child);
    },
  };
}

async function managerProcess(child: ChildProcess): Promise<ManagerProcess> {
  interface Reply {
    readonly n?: number;
    readonly result?: unknown;
    readonly error?: string;
    readonly problem?: string;
    readonly isReady?: boolean;
  }
  const waiting = new Map<number, (reply: Reply) => void>();
  const problems: string[] = [];
  const ready = new Promise<void>((resolve) =>
    child.on("message", (reply: Reply) => {
      if (reply.isReady) resolve();
      if (reply.problem !== undefined) problems.push(reply.problem);
      if (reply.n !== undefined) waiting.get(reply.n)?.(reply);
    }),
  );
  await ready;
  let last = 0;
  return {
    child,
    problems,
    async call(method, ...args) {
      const n = ++last;
      const reply = await new Promise<Reply>((resolve) => {
        waiting.set(n, resolve);
        child.send({ n, call: method, args });
      });
      if (reply.error !== undefined) throw new Error(reply.error);
      return reply.result;
    },
    async kill() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** A client that keeps a screen of its own, as the command line does. */
export class ScreenClient {
  readonly attachment: Attachment;
  screen = new Screen({ cols: 80, rows: 24 });
  readonly messages: AttachMessage["type"][] = [];
  /** All that it was given as output, latin1. */
  output = "";
  /** Dumps that it was given, latin1. */
  dumps: string[] = [];
  end: AttachMessage | undefined;
  session: SessionInfo | undefined;
  /** Called with each output, latin1. */
  onOutput: ((output: string) => void) | undefined;
  readonly over: Promise<void>;

  constructor(attachment: Attachment) {
    this.attachment = attachment;
    this.over = this.#read();
  }

  async #read(): Promise<void> {
    for await (const message of this.attachment.messages) {
      this.messages.push(message.type);
      switch (message.type) {
        case "screen":
          this.screen = new Screen({ cols: message.cols, rows: message.rows });
          this.screen.feed(message.dump);
          this.dumps.push(Buffer.from(message.dump).toString("latin1"));
          break;
        case "output":
          this.screen.feed(message.data);
          this.output += Buffer.from(message.data).toString("latin1");
          this.onOutput?.(Buffer.from(message.data).toString("latin1"));
          break;
        case "resize":
          this.screen.resize(message.cols, message.rows);
          break;
        case "session":
          this.session = message.session;
          break;
        case "exit":
        case "detached":
          this.end = message;
      }
    }
  }

  get text(): string {
    return this.screen.text().join("\n").trimEnd();
  }
}

/** Types a text. */
export const typed = (text: string): Uint8Array => Buffer.from(text, "utf8");
