// What the keepers of the other parts are given of a session whose terminal lives, and what they are told of.
import type { Command } from "../../analyze/index.js";
import type { CustomEvent } from "../../core/index.js";
import type { Session } from "../../store/index.js";
import type { HeldEnd, HeldPosition } from "../holder/holder-protocol.js";
import type { LiveFacts, SessionInfo } from "../session-info.js";
import type { SessionScreen } from "../session-manager.js";

/** A session whose terminal lives. What is asked of one that is over is nothing. */
export interface LiveTerminal {
  readonly id: string;
  /** Unique among those that live. */
  readonly name: string;
  /** All that is told here is as it was when the session was found, or later: until then its recording is being read. */
  ready(): Promise<void>;
  /** The document as it was last read or saved here. */
  readonly session: Session;
  readonly facts: LiveFacts;
  readonly info: SessionInfo;
  /** How far its recording is. */
  readonly position: Pick<HeldPosition, "events" | "timeNs">;
  /** As the shell told it last; undefined where it does not. */
  readonly cwd: string | undefined;
  /**
   * Variables of the shell's environment, of those that it is to tell of, as it told them last: null where one is not in it. Undefined
   * where it has told of none of them yet.
   */
  readonly environment: Readonly<Record<string, string | null>> | undefined;
  /** The command that runs; undefined at a prompt, and where the shell does not tell. */
  readonly commandLine: string | undefined;
  /** Undefined where the shell does not mark its commands. */
  readonly isAtPrompt: boolean | undefined;
  /** The screen as it stands. */
  readonly screen: SessionScreen;
  /** Bytes a second that it printed of late: over the last five seconds. */
  readonly outputRate: number;
  /** Commands that ended since the daemon has it, oldest first, the last 200 at most. */
  readonly commands: readonly Command[];
  input(bytes: Uint8Array, who: string): void;
  signal(signal: NodeJS.Signals): void;
  mark(label: string): void;
  /** Puts an event of t2a's own (code `t2a.*`) into the recording. */
  addCustom(code: string, data: Readonly<Record<string, string>>): void;
  /** Reads nothing of the terminal any more (true), or goes on. */
  hold(isHeld: boolean): void;
  /** Replaces the limits' warnings that are shown in `facts.warnings`. */
  setLimitWarnings(warnings: readonly string[]): void;
}

/** What can be listened to. Whatever a listener throws is reported and changes nothing. */
export interface TerminalEvents {
  /** A session's terminal lives now: it was started here, or found at start. */
  readonly start: { readonly terminal: LiveTerminal; readonly isFound: boolean };
  /** A command begins to run; its line is known only where the shell tells. */
  readonly commandStart: { readonly terminal: LiveTerminal; readonly line: string | undefined };
  /** A command ended. */
  readonly command: { readonly terminal: LiveTerminal; readonly command: Command };
  readonly cwd: { readonly terminal: LiveTerminal; readonly cwd: string };
  /** An event of t2a's own in the recording: `t2a.limit` and so on. */
  readonly custom: { readonly terminal: LiveTerminal; readonly event: CustomEvent };
  /** Its document is saved already. `end` is undefined where the holder died. */
  readonly end: { readonly terminal: LiveTerminal; readonly session: Session; readonly end: HeldEnd | undefined };
}

/** Is told of something. What it promises is not waited for, but of `start` and `end`, which wait for it. */
export type TerminalListener<K extends keyof TerminalEvents> = (told: TerminalEvents[K]) => void | Promise<void>;
