// A manager of sessions for tests: real holders, real shells, a library of files, all of it gone when the test is over.
import { mkdirSync } from "node:fs";
import { onTestFinished } from "vitest";
import { Library, Spool } from "../../src/library/kept.js";
import {
  type AttachMessage,
  type Attachment,
  TerminalKeeper,
  type TerminalKeeperOptions,
} from "../../src/session/index.js";
import { openStore } from "../../src/store/index.js";
import { Screen } from "../../src/terminal/index.js";
import { type HolderHouse, holderHouse } from "./holders.js";

/** Where managers of one user live, one after another. */
export interface ManagerHouse extends HolderHouse {
  readonly env: Readonly<Record<string, string>>;
  readonly problems: string[];
  /** A manager that finds what is there. */
  manager(options?: Partial<TerminalKeeperOptions>): Promise<TerminalKeeper>;
  readonly storeFolder: string;
}

/** Makes it. */
export function managerHouse(): ManagerHouse {
  const house = holderHouse();
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
        for (const { id } of keeper.live) await keeper.killSession(id, "SIGKILL").catch(() => undefined);
        await keeper.close();
        await library.close();
      });
      await keeper.open();
      return keeper;
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
          break;
        case "resize":
          this.screen.resize(message.cols, message.rows);
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
