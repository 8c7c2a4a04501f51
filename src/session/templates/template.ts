// A template in the program's own terms, what one says over another, and the ones that come with t2a.
import type { HookCommands, HookName } from "../hooks/hook-names.js";
import { HOOK_NAMES } from "../hooks/hook-names.js";
import { LIMIT_NAMES, LIMITS, type LimitName } from "../limits/limit-names.js";
import { hookKey, type TemplateTable } from "./template-schema.js";

/** How sessions of a kind are started. What is absent is the setting's, then the default. */
export interface Template {
  readonly description?: string | undefined;
  readonly command?: string | undefined;
  readonly argv?: readonly string[] | undefined;
  /** Absolute, or from `~` on. */
  readonly cwd?: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly size?: { readonly cols: number; readonly rows: number } | undefined;
  /** Null: no limit, whatever the template says that this one extends. */
  readonly limits: Readonly<Partial<Record<LimitName, number | null>>>;
  readonly recording: {
    readonly captureInput?: boolean | undefined;
    readonly captureEnv?: readonly string[] | undefined;
    readonly shellIntegration?: boolean | undefined;
  };
  readonly tags: readonly string[];
  readonly redaction?: boolean | undefined;
  readonly hooks: HookCommands;
}

/** For coding agents' command lines that run without anybody at the terminal. Nothing asks, nothing waits in a pager. */
const AGENT: TemplateTable = {
  description: "a coding agent's command line without anybody at the terminal: nothing asks, nothing waits in a pager",
  size: { cols: 120, rows: 40 },
  env: {
    TERM: "xterm-256color",
    CI: "true",
    PAGER: "cat",
    MANPAGER: "cat",
    GIT_PAGER: "cat",
    GH_PAGER: "cat",
    BAT_PAGER: "cat",
    AWS_PAGER: "",
    SYSTEMD_PAGER: "cat",
    LESS: "-FRX",
    EDITOR: "true",
    VISUAL: "true",
    GIT_EDITOR: "true",
    GIT_TERMINAL_PROMPT: "0",
    GCM_INTERACTIVE: "never",
    GH_PROMPT_DISABLED: "1",
    DEBIAN_FRONTEND: "noninteractive",
    PIP_NO_INPUT: "1",
    PYTHONUNBUFFERED: "1",
    NPM_CONFIG_YES: "true",
    NPM_CONFIG_FUND: "false",
    NPM_CONFIG_UPDATE_NOTIFIER: "false",
    HOMEBREW_NO_AUTO_UPDATE: "1",
  },
  recording: { shell_integration: true },
  tags: ["agent"],
};

/** Templates that come with t2a, by name. One of the user's of the same name is used instead. */
export const BUILT_IN_TEMPLATES: Readonly<Record<string, TemplateTable>> = { agent: AGENT };

/** A table that was checked as a template. */
export function toTemplate(table: TemplateTable): Template {
  const { description, command, argv, cwd, env = {}, size, limits = {}, recording = {}, tags = [], redaction } = table;
  const hooks: Partial<Record<HookName, readonly string[]>> = {};
  for (const hook of HOOK_NAMES) {
    const program = table.hooks?.[hookKey(hook)];
    if (program !== undefined) hooks[hook] = program;
  }
  const bounds: Partial<Record<LimitName, number | null>> = {};
  for (const limit of LIMIT_NAMES) {
    const value = limits[LIMITS[limit].word];
    if (value !== undefined) bounds[limit] = value;
  }
  return {
    description,
    command,
    argv,
    cwd,
    env,
    size,
    limits: bounds,
    recording: {
      captureInput: recording.capture_input,
      captureEnv: recording.capture_env,
      shellIntegration: recording.shell_integration,
    },
    tags,
    redaction,
    hooks,
  };
}

/** A template over the one that it extends: what it says counts, lists of tags come together. */
export function extendTemplate(base: Template, over: Template): Template {
  const saysWhatRuns = over.command !== undefined || over.argv !== undefined;
  return {
    description: over.description ?? base.description,
    command: saysWhatRuns ? over.command : base.command,
    argv: saysWhatRuns ? over.argv : base.argv,
    cwd: over.cwd ?? base.cwd,
    env: { ...base.env, ...over.env },
    size: over.size ?? base.size,
    limits: { ...base.limits, ...over.limits },
    recording: {
      captureInput: over.recording.captureInput ?? base.recording.captureInput,
      captureEnv: over.recording.captureEnv ?? base.recording.captureEnv,
      shellIntegration: over.recording.shellIntegration ?? base.recording.shellIntegration,
    },
    tags: [...new Set([...base.tags, ...over.tags])],
    redaction: over.redaction ?? base.redaction,
    hooks: { ...base.hooks, ...over.hooks },
  };
}

/** A template as it is written in TOML, nothing of it that is not said. */
export function toTable(template: Template): Readonly<Record<string, unknown>> {
  const { description, command, argv, cwd, env, size, limits, recording, tags, redaction, hooks } = template;
  const entries: [string, unknown][] = [
    ["description", description],
    ["command", command],
    ["argv", argv],
    ["cwd", cwd],
    ["size", size && `${size.cols}x${size.rows}`],
    ["tags", tags.length === 0 ? undefined : tags],
    ["redaction", redaction],
    ["env", env],
    ["limits", Object.fromEntries(LIMIT_NAMES.map((limit) => [LIMITS[limit].word, limits[limit] ?? undefined]))],
    [
      "recording",
      {
        capture_input: recording.captureInput,
        capture_env: recording.captureEnv,
        shell_integration: recording.shellIntegration,
      },
    ],
    ["hooks", Object.fromEntries(HOOK_NAMES.map((hook) => [hookKey(hook), hooks[hook]]))],
  ];
  return said(Object.fromEntries(entries));
}

/** Without what is undefined, and without tables that are empty then. */
function said(table: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(table)) {
    if (value === undefined) continue;
    if (typeof value !== "object" || value === null || Array.isArray(value)) kept[key] = value;
    else {
      const inner = said(value as Readonly<Record<string, unknown>>);
      if (Object.keys(inner).length > 0) kept[key] = inner;
    }
  }
  return kept;
}
