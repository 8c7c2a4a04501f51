// Real holders for tests: started in folders of their own, and gone when the test is over, with all that they held.
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { ulid } from "ulid";
import { onTestFinished } from "vitest";
import type { Batch, Event } from "../../src/core/index.js";
import { Holder } from "../../src/session/holding.js";
import {
  type HeldEnd,
  type HeldPosition,
  type HeldSession,
  type HeldSessionListener,
  type HeldSessionOrder,
  type HolderPoolOptions,
  type HolderProblem,
  holderProgram,
  type JsonObject,
  type OpenHolderPool,
  openHolderPool,
  runtimeFolder,
} from "../../src/session/index.js";
import { newSession } from "../library/stores.js";
import { tempDir } from "./temp-dir.js";

/** The built program. */
export const HOLDER_PROGRAM = holderProgram(fileURLToPath(new URL("../../dist/cli/holder.js", import.meta.url)));

/** A place for holders, with the pools that are opened there. */
export interface HolderHouse {
  readonly path: (name: string) => string;
  readonly runtime: ReturnType<typeof runtimeFolder>;
  readonly spoolFolder: string;
  open(options?: Partial<HolderPoolOptions>): Promise<OpenHolderPool>;
  order(script: string, more?: Partial<HeldSessionOrder>): Omit<HeldSessionOrder, "number">;
}

/** Where the holder is to be that pools find: in the process of the test, or in processes that they start, and that can be killed. */
export type HolderPlace = "here" | "apart";

/** Makes it. */
export function holderHouse(place: HolderPlace = "apart"): HolderHouse {
  const pids = new Set<number>();
  const pools: OpenHolderPool[] = [];
  let here: Promise<Holder> | undefined;
  // The last to be called is the first to run: holders end before their folders go.
  const path = tempDir();
  const runtime = runtimeFolder({ XDG_RUNTIME_DIR: path("r") });
  const spoolFolder = path("spool");
  onTestFinished(async () => {
    for (const pool of pools) for (const { pid } of pool.holders) pids.add(pid);
    for (const pool of pools) await pool.close();
    await (await here)?.end("SIGKILL");
    for (const pid of pids) killHolder(pid);
    const last = await openHolderPool({ runtime, program: HOLDER_PROGRAM, perHolder: 1, version: "0.0.0-test" });
    for (const { pid } of last.holders) killHolder(pid);
    await last.close();
  });
  return {
    path,
    runtime,
    spoolFolder,
    async open(options = {}) {
      if (place === "here") here ??= openHolderHere(runtime, options);
      await here;
      const base = { runtime, program: HOLDER_PROGRAM, perHolder: 50, version: "0.0.0-test", holderIdleMs: 30_000 };
      const pool = await openHolderPool({ ...base, ...options });
      pools.push(pool);
      for (const { pid } of pool.holders) pids.add(pid);
      return pool;
    },
    order(script, more = {}) {
      const sessionId = ulid();
      return {
        sessionId,
        recordingId: ulid(),
        spool: { folder: spoolFolder, store: "test", session: sessionDraft(sessionId) },
        file: "/bin/bash",
        args: ["--norc", "--noprofile", "-c", script],
        env: { PATH: process.env.PATH ?? "", HOME: path("home"), LANG: "C.UTF-8" },
        cwd: "/",
        cols: 80,
        rows: 24,
        termType: "xterm-256color",
        captureInput: false,
        captureEnv: [],
        sync: "none",
        limits: {},
        ...more,
      };
    },
  };
}

/** A holder in this process. Whoever opens it ends it. */
export async function openHolderHere(
  { holders }: ReturnType<typeof runtimeFolder>,
  { version = "0.0.0-test", holderIdleMs = 30_000 }: Partial<HolderPoolOptions> = {},
): Promise<Holder> {
  const id = randomBytes(6).toString("hex");
  return await Holder.open({ folder: holders, id, version, idleMs: holderIdleMs });
}

/** Not this process, should it be one. */
function killHolder(pid: number): void {
  if (pid !== process.pid) kill(pid, "SIGKILL");
}

/** The draft of a session's document, as a manager has it. */
export function sessionDraft(id: string): JsonObject {
  const now = new Date().toISOString();
  const draft = newSession({ id, name: "held", status: "active", createdAt: now, lastActivityAt: now });
  return draft as unknown as JsonObject;
}

/** Whatever a follower was told. */
export class Follower implements HeldSessionListener {
  readonly events: Event[] = [];
  /** Numbers of the events, as they were told. */
  readonly numbers: number[] = [];
  readonly unrecorded: Uint8Array[] = [];
  readonly behind: HeldPosition[] = [];
  readonly problems: HolderProblem[] = [];
  readonly failures: HolderProblem[] = [];
  end: HeldEnd | undefined;
  isLost = false;
  position: HeldPosition | undefined;

  /** Follows a session. */
  static async of(session: HeldSession): Promise<Follower> {
    const follower = new Follower();
    follower.position = await session.follow(follower);
    return follower;
  }

  /** Everything that was printed. */
  get output(): string {
    return Buffer.concat(this.events.flatMap((event) => (event.kind === "output" ? [event.data] : []))).toString(
      "utf8",
    );
  }

  onEvents(events: Batch, first: number): void {
    for (const [index, event] of events.entries()) {
      this.events.push(event);
      this.numbers.push(first + index);
    }
  }

  onUnrecorded(bytes: Uint8Array): void {
    this.unrecorded.push(bytes);
  }

  onBehind(position: HeldPosition): void {
    this.behind.push(position);
  }

  onProblem(problem: HolderProblem): void {
    this.problems.push(problem);
  }

  onRecordingFailed(problem: HolderProblem): void {
    this.failures.push(problem);
  }

  onEnd(end: HeldEnd): void {
    this.end = end;
  }

  onLost(): void {
    this.isLost = true;
  }
}

/** Sends a signal; whoever is gone is fine. */
export function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
