// What is being done with agents' sessions just now, noted on disk: what somebody did not come to the end of is found by the next one,
// who brings it to an end or takes it back. A note is held by a lock that goes with its process.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { systemCode } from "../../core/index.js";
import {
  bootId,
  type FileLock,
  ioError,
  isAlive,
  preparePrivateFolder,
  readPrivateFile,
  syncFolder,
  tryHoldFile,
  writeSynced,
} from "../../files/index.js";
import { ULID } from "../../store/index.js";

const id = z.string().regex(ULID);
const maker = { version: z.literal(1), pid: z.int(), bootId: z.string().optional() };

const agentOrderSchema = z.discriminatedUnion("kind", [
  /** A session is started for an agent. */
  z.object({ ...maker, kind: z.literal("spawn"), child: id, parent: id.optional() }),
  /** A session is passed on to another one, which is started for it. */
  z.object({ ...maker, kind: z.literal("handoff"), child: id, parent: id, staysOpen: z.boolean() }),
  /** A session gets a new owner: `number` counts its owners. */
  z.object({
    ...maker,
    kind: z.literal("live"),
    parent: id,
    number: z.int(),
    from: z.string().optional(),
    to: z.string(),
  }),
]);
type Noted = z.infer<typeof agentOrderSchema>;
/** What is being done. */
export type AgentOrder = Noted extends infer One
  ? One extends Noted
    ? Omit<One, "version" | "pid" | "bootId">
    : never
  : never;

/** An order that is noted and held. */
export interface HeldOrder {
  readonly order: AgentOrder;
  /** Its work is done, or taken back: the note goes. */
  end(): void;
  /** Leaves the note for whoever comes next. Idempotent. */
  release(): void;
}

const NOTE = /^[0-7][0-9A-HJKMNP-TV-Z]{25}\.json$/;
const MAX_NOTE_BYTES = 64 * 1024;

/** The folder of orders. */
export class AgentOrders {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Notes an order, under a ULID of its own. @throws StoreError `T2A_FILE_IO`. */
  begin(name: string, order: AgentOrder): HeldOrder {
    const path = join(this.#folder, `${name}.json`);
    preparePrivateFolder(this.#folder);
    const lock = tryHoldFile(path, { create: true });
    if (lock === undefined) throw new TypeError("an order has a name of its own");
    try {
      // Locked before anything is in it: an empty one is of somebody who had not done anything yet.
      writeSynced(path, JSON.stringify({ ...order, version: 1, pid: process.pid, bootId: bootId() }), "r+");
      syncFolder(this.#folder);
      return held(path, order, lock);
    } catch (error) {
      rmSync(path, { force: true });
      lock.release();
      throw ioError("write", path, error);
    }
  }

  /** Orders that nobody works on any more, the oldest first; they are held now. What cannot be read goes. */
  *abandoned(): Generator<HeldOrder> {
    for (const name of this.#names()) {
      const path = join(this.#folder, name);
      const lock = hold(path);
      if (lock === undefined) continue;
      const noted = read(path);
      if (noted === undefined) {
        rmSync(path, { force: true });
        lock.release();
      } else if (!lock.isLocked && noted.bootId === bootId() && isAlive(noted.pid)) {
        lock.release(); // where nothing can be locked, whoever is alive is taken to be at it
      } else {
        yield held(path, noted, lock);
      }
    }
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder)
        .filter((name) => NOTE.test(name))
        .sort();
    } catch (error) {
      if (systemCode(error) === "ENOENT") return [];
      throw ioError("read", this.#folder, error);
    }
  }
}

function held(path: string, order: AgentOrder, lock: FileLock): HeldOrder {
  return {
    order,
    end: () => {
      rmSync(path, { force: true });
      lock.release();
    },
    release: () => lock.release(),
  };
}

/** Undefined where somebody has it, or it is gone. */
function hold(path: string): FileLock | undefined {
  try {
    return tryHoldFile(path);
  } catch (error) {
    if (systemCode((error as { cause?: unknown }).cause) === "ENOENT") return undefined;
    throw error;
  }
}

function read(path: string): Noted | undefined {
  try {
    const result = agentOrderSchema.safeParse(JSON.parse(readPrivateFile(path, MAX_NOTE_BYTES) ?? ""));
    return result.success ? result.data : undefined;
  } catch {
    return undefined; // empty, or no note
  }
}
