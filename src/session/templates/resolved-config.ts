// How a session is started, with everything decided: what was asked for, else the template's, else the setting's, else the default.
import type { HookCommands } from "../hooks/hook-names.js";
import type { SessionLimits } from "../session-limits.js";
import type { AgentWishes } from "../session-manager.js";

/** Cells of a session whose size nobody says. */
export const DEFAULT_SIZE = { cols: 80, rows: 24 } as const;

/** A session's start, checked and complete. Made by `Templates.resolve`. */
export interface ResolvedSessionConfig {
  /** Absent: one is made up. */
  readonly name: string | undefined;
  /** As /bin/sh takes it. Never together with `argv`; without both it is the user's shell. */
  readonly command: string | undefined;
  /** The program and its arguments, at least one. */
  readonly argv: readonly string[] | undefined;
  /** Absolute. */
  readonly cwd: string;
  /** The whole environment of the child, the template's variables among them, beside what t2a adds. */
  readonly env: Readonly<Record<string, string>>;
  readonly cols: number;
  readonly rows: number;
  /** Attached terminals do not change the size. */
  readonly keepsSize: boolean;
  readonly template: string | undefined;
  readonly limits: SessionLimits;
  /** Each once. */
  readonly tags: readonly string[];
  readonly recording: ResolvedRecording;
  /** Programs of the template, beside those of the settings. */
  readonly hooks: HookCommands;
  readonly agent: AgentWishes | undefined;
  readonly parent: string | undefined;
}

/** How a session is recorded. */
export interface ResolvedRecording {
  readonly captureInput: boolean;
  readonly captureEnv: readonly string[];
  readonly shellIntegration: boolean;
  /** What a power cut may take. */
  readonly sync: "none" | "interval" | "always";
  /** Whether secrets are to be taken out. Kept for the time when t2a does that; nothing is taken out yet. */
  readonly redaction: boolean;
}
