// What a recording says of itself: who recorded what, where, on what terminal, and when time 0 was.
import { hostname, userInfo } from "node:os";
import { ulid } from "ulid";
import type { Header, Theme } from "../core/index.js";
import { bootId } from "../files/index.js";
import type { TtySize } from "../pty/index.js";

/** What the caller knows of the recording. */
export interface MetadataOptions {
  /** The environment recorded in. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of the variables kept in the header. */
  readonly captureEnv?: readonly string[] | undefined;
  /** The command as the user gave it; absent for a plain shell. */
  readonly command?: string | undefined;
  readonly title?: string | undefined;
  /** Nanoseconds. */
  readonly idleTimeLimit?: number | undefined;
  readonly cwd: string;
  /** What a power cut takes at most, nanoseconds of what was shown; absent where nothing is promised. */
  readonly lossBound?: number | undefined;
  /** ULID of the recording; a new one by default. A continued recording keeps its own. */
  readonly id?: string | undefined;
}

/** What is known when the child starts. */
export interface StartMetadata extends TtySize {
  readonly termType: string;
  readonly theme?: Theme | undefined;
  readonly termVersion?: string | undefined;
}

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** Makes the header. */
export class MetadataRecorder {
  /** ULID of the recording. */
  readonly id: string;
  readonly #options: MetadataOptions;

  constructor(options: MetadataOptions) {
    this.#options = options;
    this.id = options.id ?? ulid();
  }

  /** The header of a recording whose time 0 is now. */
  header(start: StartMetadata): Header {
    const { env, captureEnv = [], command, title, idleTimeLimit, cwd, lossBound } = this.#options;
    const parentId = env.T2A_RECORDING;
    const captured = captureEnv.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
    return {
      cols: start.cols,
      rows: start.rows,
      termType: start.termType,
      ...defined({ termVersion: start.termVersion, theme: start.theme }),
      startTime: wallClock(),
      ...defined({ bootId: bootId(), idleTimeLimit, command, title }),
      ...(captured.length > 0 ? { env: Object.fromEntries(captured) } : {}),
      ...defined({ user: userName(env) }),
      host: hostname(),
      cwd,
      id: this.id,
      ...(parentId !== undefined && ULID.test(parentId) ? { parentId } : {}),
      ...(lossBound === undefined ? {} : { extra: { lossBoundNs: lossBound } }),
    };
  }
}

/** Wall clock: nanoseconds since 1970-01-01 UTC, as fine as the system tells it (milliseconds). */
export function wallClock(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/** The members that have a value. */
function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // `as`: fromEntries forgets the keys that entries has just given.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Who runs t2a; undefined where nobody says. */
export function userName(env: Readonly<Record<string, string | undefined>>): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return env.USER; // containers run with ids that have no name
  }
}
