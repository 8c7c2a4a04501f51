// Templates: how sessions of a kind are started. They stand in config.toml ([template.NAME]) and in files of their own
// (templates/NAME.toml beside it), some come with t2a; each may extend another. Files are read when they are asked for, so what is changed
// counts for the next session. Only the files of their own are ever written.
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  findTomlLine,
  parseToml,
  readTomlFile,
  type Settings,
  settingsFiles,
  type TomlFile,
  userConfigFolder,
} from "../../config/index.js";
import { StoreError, systemCode, UsageError } from "../../core/index.js";
import type { HookCommands } from "../hooks/hook-names.js";
import { LIMIT_NAMES, type LimitName } from "../limits/limit-names.js";
import { type SessionLimits, sessionLimitsSchema } from "../session-limits.js";
import type { NewSessionConfig } from "../session-manager.js";
import { DEFAULT_SIZE, type ResolvedSessionConfig } from "./resolved-config.js";
import { BUILT_IN_TEMPLATES, extendTemplate, type Template, toTemplate } from "./template.js";
import { checkTemplate, firstFault, TEMPLATE_NAME, type TemplateFault, type TemplateTable } from "./template-schema.js";

/** Templates may extend each other so deep. */
const MAX_DEPTH = 16;
/** More files than these are not read. */
const MAX_FILES = 1000;
/** Cells of a terminal's side at most. */
const MAX_CELLS = 10_000;

/** Where templates stand. */
export interface TemplatePlaces {
  /** The config.toml files, the weakest first. */
  readonly files: readonly string[];
  /** Of the files of their own. */
  readonly folder: string;
}

/** The places of a user with this environment. */
export function templatePlaces(env: Readonly<Record<string, string | undefined>>): TemplatePlaces {
  return { files: settingsFiles(env), folder: join(userConfigFolder(env), "templates") };
}

/** What templates are resolved with. */
export interface TemplatesOptions {
  readonly places: TemplatePlaces;
  /** What `~` stands for, and where sessions start that are told no folder, unless the environment that they are given has a HOME. */
  readonly home: string;
  /** Environment of sessions that are given none. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly settings: Pick<
    Settings,
    "record.command" | "record.capture_input" | "record.capture_env" | "record.shell_integration" | "record.sync"
  >;
}

/** A template, as lists show it. */
export interface TemplateInfo {
  readonly name: string;
  /** Where it stands: it comes with t2a, in a config.toml, or in a file of its own. */
  readonly kind: "built-in" | "config" | "file";
  readonly path?: string | undefined;
  readonly extends?: string | undefined;
  readonly description?: string | undefined;
  /** Why it cannot be used, with file and line. */
  readonly problem?: string | undefined;
}

/** A template as it was found, not yet looked at. */
interface FoundTemplate {
  readonly name: string;
  readonly kind: TemplateInfo["kind"];
  readonly path?: string;
  /** The file's text, and where in it the template's table is. */
  readonly text?: string;
  readonly place: readonly string[];
  readonly table: unknown;
  /** What is wrong with the file itself. */
  readonly problem?: UsageError;
}

/** The templates of one user. */
export class Templates {
  readonly #options: TemplatesOptions;

  constructor(options: TemplatesOptions) {
    this.#options = options;
  }

  /** All of them by name, those that cannot be used among them. @throws UsageError `T2A_TEMPLATE` where a config.toml is no TOML. */
  async list(): Promise<readonly TemplateInfo[]> {
    const all = await this.#findAll();
    const infos: TemplateInfo[] = [];
    for (const found of [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const info = { name: found.name, kind: found.kind, path: found.path };
      try {
        const table = await checked(found);
        const { description } = await this.#merge(found.name, all);
        infos.push({ ...info, extends: table.extends, description });
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        infos.push({ ...info, problem: error.message });
      }
    }
    return infos;
  }

  /** A template with what it extends put together. @throws UsageError `T2A_TEMPLATE`. */
  async get(name: string): Promise<{ readonly info: TemplateInfo; readonly template: Template }> {
    const all = await this.#findAll();
    const found = getFound(name, all);
    const table = await checked(found);
    const template = await this.#merge(name, all);
    const info = {
      name,
      kind: found.kind,
      path: found.path,
      extends: table.extends,
      description: template.description,
    };
    return { info, template };
  }

  /**
   * Puts together how a session is started: what is asked for, else the template's, else the setting's, else the default. Limits are taken
   * one by one, tags are put together, and the template's variables are in the environment whoever gives that.
   * @throws UsageError `T2A_TEMPLATE` of the template, `T2A_USAGE` of what was asked for.
   */
  async resolve(config: NewSessionConfig = {}): Promise<ResolvedSessionConfig> {
    checkWishes(config);
    const { settings, home } = this.#options;
    const template = config.template === undefined ? undefined : (await this.get(config.template)).template;
    const wished = config.recording ?? {};
    const recording = template?.recording ?? {};
    const { command, argv } = [config, template, { command: settings["record.command"], argv: undefined }].find(
      (one) => one?.command !== undefined || one?.argv !== undefined,
    ) ?? { command: undefined, argv: undefined };
    return {
      name: config.name,
      command,
      argv,
      cwd: config.cwd ?? expandHome(template?.cwd ?? "~", config.env?.HOME || home),
      env: { ...definedOnly(config.env ?? this.#options.env), ...template?.env },
      cols: config.cols ?? template?.size?.cols ?? DEFAULT_SIZE.cols,
      rows: config.rows ?? template?.size?.rows ?? DEFAULT_SIZE.rows,
      keepsSize: config.keepsSize ?? template?.size !== undefined,
      template: config.template,
      limits: mergeLimits(template?.limits ?? {}, config.limits ?? {}),
      tags: [...new Set([...(template?.tags ?? []), ...(config.tags ?? [])])],
      recording: {
        captureInput: wished.captureInput ?? recording.captureInput ?? settings["record.capture_input"],
        captureEnv: wished.captureEnv ?? recording.captureEnv ?? settings["record.capture_env"],
        shellIntegration: wished.shellIntegration ?? recording.shellIntegration ?? settings["record.shell_integration"],
        sync: settings["record.sync"],
        redaction: template?.redaction ?? false,
      },
      hooks: template?.hooks ?? {},
      agent: config.agent,
      parent: config.parent,
    };
  }

  /** Programs that a template has for hooks; none where it is gone or cannot be used. */
  async findHooks(name: string): Promise<HookCommands> {
    try {
      return (await this.get(name)).template.hooks;
    } catch (error) {
      if (error instanceof UsageError) return {};
      throw error;
    }
  }

  /**
   * Writes a template into a file of its own, once it is seen to be one. `from`: what its text is called where something is wrong with it.
   * @throws UsageError `T2A_TEMPLATE`, also where there is one of that name and `isReplacing` is not asked for; StoreError `T2A_FILE_IO`.
   */
  async add(
    name: string,
    text: string,
    { from = "the template", isReplacing = false }: { readonly from?: string; readonly isReplacing?: boolean } = {},
  ): Promise<TemplateInfo> {
    checkName(name);
    const { folder } = this.#options.places;
    const all = new Map(await this.#findAll());
    const before = all.get(name);
    if (before !== undefined && before.kind !== "built-in" && !(isReplacing && before.kind === "file")) {
      throw fault(
        before.kind === "file"
          ? `there is a template ${name} already, in ${before.path}: replace it with --force`
          : `there is a template ${name} already, in ${before.path}: change it there`,
      );
    }
    const table = await parsed(text, from);
    if (isTable(table) && Object.keys(table).length === 0) {
      throw fault(`${from}: line 1: it says nothing: a template has one key at least, command = "make" for one`);
    }
    const found = { name, kind: "file", path: from, text, place: [], table } as const;
    all.set(name, found);
    await checked(found);
    const { description } = await this.#merge(name, all);
    const path = join(folder, `${name}.toml`);
    const beside = join(folder, `.${name}.${process.pid}.new`);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(beside, text, { mode: 0o600, flag: "w" });
      chmodSync(beside, 0o600); // one that was left there by chance may have been open to others
      renameSync(beside, path);
    } catch (error) {
      rmSync(beside, { force: true });
      throw new StoreError("T2A_FILE_IO", `${path} cannot be written: ${systemCode(error) ?? "unknown"}`, {
        cause: error,
      });
    }
    return { name, kind: "file", path, description };
  }

  /** Deletes a template's own file. @throws UsageError `T2A_TEMPLATE` where it has none, or others extend it and it is not forced. */
  async remove(name: string, { isForced = false }: { readonly isForced?: boolean } = {}): Promise<TemplateInfo> {
    const all = await this.#findAll();
    const { kind, path, place, text } = getFound(name, all);
    if (kind === "built-in") throw fault(`the template ${name} comes with t2a and stays`);
    if (kind === "config" || path === undefined) {
      const line = await findTomlLine(text ?? "", place);
      throw fault(
        `the template ${name} stands in ${path}${line === undefined ? "" : `, line ${line}`}: take it out there`,
      );
    }
    const heirs = [...all.values()].filter(({ table }) => isTable(table) && table.extends === name && !isForced);
    if (heirs.length > 0 && BUILT_IN_TEMPLATES[name] === undefined) {
      throw fault(`${heirs.map((heir) => heir.name).join(", ")} extends the template ${name}: delete it with --force`);
    }
    try {
      unlinkSync(path);
    } catch (error) {
      throw new StoreError("T2A_FILE_IO", `${path} cannot be deleted: ${systemCode(error) ?? "unknown"}`, {
        cause: error,
      });
    }
    return { name, kind, path };
  }

  /** By name; a file of its own counts more than a config.toml, the user's more than what comes with t2a. */
  async #findAll(): Promise<ReadonlyMap<string, FoundTemplate>> {
    const all = new Map<string, FoundTemplate>();
    for (const [name, table] of Object.entries(BUILT_IN_TEMPLATES))
      all.set(name, { name, kind: "built-in", place: [], table });
    for (const path of this.#options.places.files) {
      const file = await read(path);
      if (file?.table.template === undefined) continue;
      const { table, text } = file;
      if (!isTable(table.template)) throw fault(`${path}: template is no table: write [template.NAME]`);
      for (const [name, entry] of Object.entries(table.template))
        all.set(name, { name, kind: "config", path, text, place: ["template", name], table: entry });
    }
    for (const name of this.#fileNames()) {
      const path = join(this.#options.places.folder, `${name}.toml`);
      try {
        const file = await read(path);
        if (file === undefined) continue;
        all.set(name, { name, kind: "file", path, text: file.text, place: [], table: file.table });
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        all.set(name, { name, kind: "file", path, place: [], table: {}, problem: error });
      }
    }
    return all;
  }

  #fileNames(): readonly string[] {
    try {
      return readdirSync(this.#options.places.folder)
        .filter((file) => file.endsWith(".toml") && TEMPLATE_NAME.test(file.slice(0, -5)))
        .slice(0, MAX_FILES)
        .map((file) => file.slice(0, -5));
    } catch {
      return []; // there is no such folder, as a rule
    }
  }

  async #merge(
    name: string,
    all: ReadonlyMap<string, FoundTemplate>,
    heirs: readonly string[] = [],
  ): Promise<Template> {
    const found = getFound(name, all);
    const table = await checked(found);
    const own = toTemplate(table);
    if (table.extends === undefined) return own;
    const line = [...heirs, name];
    if (line.includes(table.extends))
      throw await faultAt(found, ["extends"], `goes round: ${[...line, table.extends].join(" extends ")}`);
    if (line.length >= MAX_DEPTH) throw await faultAt(found, ["extends"], `goes deeper than ${MAX_DEPTH} templates`);
    if (!all.has(table.extends)) throw await faultAt(found, ["extends"], `there is no template ${table.extends}`);
    return extendTemplate(await this.#merge(table.extends, all, line), own);
  }
}

async function read(path: string): Promise<TomlFile | undefined> {
  try {
    return await readTomlFile(path);
  } catch (error) {
    throw asFault(error);
  }
}

async function parsed(text: string, from: string): Promise<unknown> {
  try {
    return await parseToml(text, from);
  } catch (error) {
    throw asFault(error);
  }
}

function asFault(error: unknown): unknown {
  return error instanceof UsageError ? fault(error.message, error) : error;
}

async function checked(found: FoundTemplate): Promise<TemplateTable> {
  if (found.problem !== undefined) throw found.problem;
  if (found.kind === "built-in") return found.table as TemplateTable; // written here, and seen by a test
  if (!TEMPLATE_NAME.test(found.name)) throw await faultAt(found, [], "is no name of a template");
  const result = checkTemplate(found.table);
  if ("fault" in result) throw await faultOf(found, result.fault);
  return result.table;
}

function faultOf(found: FoundTemplate, { key, reason }: TemplateFault): Promise<UsageError> {
  return faultAt(found, key, reason);
}

/** Names the file and the line; a key that is not there stands where its table does. */
async function faultAt(found: FoundTemplate, key: readonly (string | number)[], reason: string): Promise<UsageError> {
  const { text, place, path } = found;
  const whole = [...place, ...key];
  let line: number | undefined;
  if (text !== undefined)
    for (let length = whole.length; length > 0 && line === undefined; length--)
      line = await findTomlLine(text, whole.slice(0, length));
  const where = line === undefined ? "" : ` line ${line}:`;
  return fault(`${path ?? found.name}:${where} ${whole.length === 0 ? "" : `${whole.join(".")}: `}${reason}`);
}

function fault(message: string, cause?: unknown): UsageError {
  return new UsageError(message, { code: "T2A_TEMPLATE", ...(cause === undefined ? {} : { cause }) });
}

function getFound(name: string, all: ReadonlyMap<string, FoundTemplate>): FoundTemplate {
  const found = all.get(name);
  if (found === undefined) throw fault(`there is no template "${name}" (t2a template ls lists them)`);
  return found;
}

function checkName(name: string): void {
  if (!TEMPLATE_NAME.test(name))
    throw fault(`"${name}" is no name of a template: letters, digits, ".", "_" and "-", 64 at most`);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is asked for may come from anybody. */
function checkWishes({ command, argv, cwd, cols, rows, limits }: NewSessionConfig): void {
  if (command !== undefined && argv !== undefined)
    throw new UsageError("a session is started by a command or by a program with its arguments, not by both");
  if (argv !== undefined && (argv.length === 0 || argv[0] === ""))
    throw new UsageError("there is no program to start in an empty list");
  if (cwd !== undefined && !cwd.startsWith("/")) throw new UsageError(`not an absolute folder: "${cwd}"`);
  for (const cells of [cols, rows]) {
    if (cells !== undefined && !(Number.isInteger(cells) && cells >= 1 && cells <= MAX_CELLS))
      throw new UsageError(`not a size of a terminal: ${cells} (1 to ${MAX_CELLS} cells)`);
  }
  const { success, error } = sessionLimitsSchema.safeParse(limits ?? {});
  if (success) return;
  const { key, reason } = firstFault(error);
  throw new UsageError(`limits.${key.join(".")}: ${reason}`);
}

function mergeLimits(base: Template["limits"], over: SessionLimits): SessionLimits {
  const limits: Partial<Record<LimitName, number>> = {};
  for (const name of LIMIT_NAMES) {
    const value = over[name] ?? base[name];
    if (value !== undefined && value !== null) limits[name] = value;
  }
  return limits;
}

function expandHome(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
