// t2a record: records a shell or a command until it ends. Flags mean what asciinema 3's mean, so scripts written for it
// run with t2a in its place.
import { existsSync, statSync, unlinkSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Command, Option } from "commander";
import type { LoadedSettings } from "../../config/index.js";
import {
  type AppendState,
  type Format,
  formatDuration,
  type Header,
  parseDuration,
  type Signer,
  StoreError,
  type Target,
  UsageError,
  type Writer,
} from "../../core/index.js";
import type { HeldSpoolEntry } from "../../library/kept.js";
import type { UserTty } from "../../pty/index.js";
import type { ReadBack, RecordOptions, RecordResult, SinkError, SyncMode } from "../../record/index.js";
import type { NewSession } from "../../store/index.js";
import type { CommandContext } from "../context.js";
import { addSignOptions, type SignOptions, signingKey } from "../keys.js";
import { addWord, parseWindowSize } from "../parse.js";
import { shellWord } from "../shell-word.js";
import { addStoreOption, type StoreOption } from "../store-option.js";

/** What t2a record is asked for. */
export interface RecordCommandOptions extends SignOptions, StoreOption {
  readonly name?: string;
  readonly tag?: readonly string[];
  readonly command?: string;
  readonly outputFormat?: string;
  readonly captureInput?: boolean;
  readonly stdin?: boolean;
  readonly captureEnv?: string;
  readonly title?: string;
  readonly idleTimeLimit?: number;
  readonly append?: boolean;
  readonly overwrite?: boolean;
  readonly windowSize?: { readonly cols?: number; readonly rows?: number };
  readonly headless?: boolean;
  readonly sync?: SyncMode;
  readonly return?: boolean;
  readonly quiet?: boolean;
  readonly shellIntegration: boolean;
  readonly finalize: "wait" | "background" | "never";
  /** Of `t2a run`: with what its recording begins and ends, and its session begins. */
  readonly task?:
    | (Required<Pick<RecordOptions, "beginning" | "ending">> &
        Pick<NewSession, "state"> & { readonly onStart: (session: NewSession) => void })
    | undefined;
}

/** Registers the command. */
export function registerRecord(program: Command, context: CommandContext): void {
  const command = program
    .command("record")
    .alias("rec")
    .summary("record a shell or a command")
    .description(
      "Records a shell, or a command, until it ends. Without FILE it is kept in the library (t2a ls, t2a play @last); - is standard output.",
    )
    .argument("[file]", "where to; the extension names the format (t2a formats), else it is asciicast-v3")
    .option("-c, --command <command>", "command to record, by way of /bin/sh -c; else $SHELL")
    .option("-f, --output-format <format>", "format to write, whatever FILE is called")
    .option("-I, --capture-input", "record what is typed; see below")
    .option("--stdin", "the same, as older asciinema has it")
    .option("--capture-env <names>", "variables kept in the header, separated by commas (SHELL)")
    .option("-t, --title <title>", "title of the recording")
    .option(
      "-i, --idle-time-limit <duration>",
      "playback shortens pauses to this; what is recorded stays as it was",
      parseDuration,
    )
    .option("-a, --append", "go on in an existing recording")
    .option("--overwrite", "replace FILE where it exists")
    .option("--window-size <COLSxROWS>", "fixed size in cells: 80x24, 80x or x24", parseWindowSize)
    .option("--headless", "use no terminal (by itself where there is none)")
    .addOption(
      new Option("--sync <mode>", "what a power cut may take; see below").choices(["none", "interval", "always"]),
    )
    .option("--no-shell-integration", "start bash, zsh or fish without marks around their commands; see below")
    .option("--return", "exit with the command's status (128 + number where a signal ended it)")
    .addOption(
      new Option(
        "--finalize <when>",
        "t2r: pack the finished file small and make it quick to seek in, in the background after 0.3 s",
      )
        .choices(["wait", "background", "never"])
        .default("background"),
    )
    .option("-q, --quiet", "say nothing but warnings and errors")
    .option("--name <name>", "library: name of the session; else the title, the command or the shell")
    .option("--tag <tag>", "library: give the session this tag; again: that one as well", addWord);
  addStoreOption(command);
  addSignOptions(command)
    .option("--no-sign", "do not, though record.sign_key (t2a config) is set")
    .addHelpText(
      "after",
      `
Keys (t2a config): ^\\ pauses recording and goes on, and says so in a line, or with the bell while a program fills the screen;
a key for markers can be set.

Input: with -I, a line typed while the terminal does not echo it (read -s, getpass) is recorded as ********. Programs in raw
mode do their own echo and are not masked: shell prompts, vim, and a password asked at the other end of ssh.

Commands: bash, zsh or fish, as $SHELL or as a command that is just one of them with options, are started with t2a's shell
integration, so that the recording knows what was run, where and how it ended (t2a commands). Start files, prompts and history stay as
they are, nothing is exported. The marks are proven: what a program prints is not taken for the shell's. Off with
--no-shell-integration or record.shell_integration (t2a config).

Crash safety: what was shown is in the file already, for t2r, asciicast v2 and v3, ttyrec, script, json and raw. A power cut takes
at most 1 s of it with --sync interval (the default), nothing with always, which shows nothing before it is on disk, and what the
system had not yet written back with none. The header says so (lossBoundNs). Pipes, devices and compressed files are not synced.
When the disk is full recording stops and the session goes on; a .t2r is finished properly even then, and holds an event (t2a.gap)
that says so.

Signing: a .t2r is signed at its end, and every second before it: also that of a recorder that was killed proves itself up to
its last second (t2a verify).

Exit status: 0; 1 where recording failed or stopped, 2 for a wrong option; with --return the command's.

Library: without FILE the recording is a .t2r in the folder t2a/spool of $XDG_DATA_HOME while it is made, which needs no server, and
is then finished and moved into the library in the background; t2a ls lists it from its first moment. With -f and a format other than
t2r, and no FILE, it goes into a file of this folder: YYYY-MM-DD-HHMMSS-COMMAND.

Examples:
  t2a record
  t2a record --name deploy --tag production
  t2a record demo.cast
  t2a record -c 'make test' --return build.cast
  t2a record -c 'zsh -l' --title 'a login shell' demo.t2r
  t2a record --no-shell-integration plain.cast
  t2a record --append demo.cast
  t2a record --sign demo.t2r
  t2a record - | ssh host 'cat > demo.cast'`,
    )
    .action((file: string | undefined, options: RecordCommandOptions) => record(file, options, context));
}

/** Records until the command ends, and sets the exit status. @throws what keeps it from recording. */
export async function record(
  file: string | undefined,
  options: RecordCommandOptions,
  context: CommandContext,
): Promise<void> {
  if (options.append && options.overwrite) throw new UsageError("--append and --overwrite cannot both be meant");
  const isKept = file === undefined && (options.outputFormat ?? "t2r") === "t2r";
  refuseContradictions(isKept, options);
  const { values } = await context.settings();
  const command = options.command ?? values["record.command"];
  const { findProgram } = await import("../../pty/index.js");
  const program = commandLine(command, context);
  // Before anything is opened or said: a shell that does not exist is the most likely thing to be wrong.
  findProgram(program.file, context.io.env.PATH, process.cwd());
  const kept = isKept ? await keepInLibrary(command, options, context) : undefined;
  const name = kept?.path ?? file ?? (await chooseName(command ?? shellOf(context), options));
  let output: Output;
  try {
    output = { ...(await openOutput(name, options, values, context)), kept };
  } catch (error) {
    kept?.remove();
    throw error;
  }
  try {
    if (options.sync !== undefined && options.sync !== output.sync) {
      throw new UsageError(`--sync ${options.sync}: only a crash-safe format in a file, not compressed, can be synced`);
    }
    await recordInto(output, program, command, options, context);
  } catch (error) {
    await output.discard();
    if (!existsSync(name)) kept?.remove();
    throw error;
  } finally {
    kept?.release();
  }
  if (kept !== undefined) await collect(options, context);
}

function refuseContradictions(isKept: boolean, { append, name, tag, store }: RecordCommandOptions): void {
  if (isKept && append) throw new UsageError("--append goes on in a file: name it");
  const given = [name !== undefined && "--name", tag !== undefined && "--tag", store !== undefined && "--store"];
  const [option] = given.filter((flag) => flag !== false);
  if (!isKept && option !== undefined)
    throw new UsageError(`${option} goes with the library: it is recorded into without FILE`);
}

/** A place in the spool, noted and held before anything is recorded. */
async function keepInLibrary(
  command: string | undefined,
  options: RecordCommandOptions,
  context: CommandContext,
): Promise<HeldSpoolEntry> {
  const { openSpool, shownLocation } = await import("../open-library.js");
  const { draftSession } = await import("../../library/kept.js");
  const { DEFAULT_COLS, DEFAULT_ROWS } = await import("../../core/index.js");
  const { MetadataRecorder } = await import("../../record/index.js");
  const { title, name, tag: tags, windowSize } = options;
  const { env } = context.io;
  const size = { cols: DEFAULT_COLS, rows: DEFAULT_ROWS, ...windowSize };
  const metadata = new MetadataRecorder({ env, captureEnv: ["SHELL"], command, title, cwd: process.cwd() });
  const header = metadata.header({ ...size, termType: env.TERM ?? "" });
  const draft = draftSession(header, { id: metadata.id, now: Date.now(), wishes: { name, tags } });
  const session = options.task === undefined ? draft : { ...draft, state: options.task.state };
  const store = await shownLocation(options, context);
  return (await openSpool(context)).begin({ purpose: "recording", recordingId: metadata.id, store, session });
}

async function recordInto(
  output: Output,
  program: CommandLine,
  command: string | undefined,
  options: RecordCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { values } = await context.settings();
  const { formatKey, parseKey } = await import("../../config/index.js");
  const { FormatSink, lossBoundOf, SessionRecorder } = await import("../../record/index.js");
  const { tty, headless } = await openTty(options, context);
  const say = (text: string) => !options.quiet && context.info(text);
  const { visibleText } = await import("../../terminal/index.js");
  const { kept } = output;
  const shownName = output.name === "-" ? "standard output" : visibleText(output.name);
  const place = kept === undefined ? shownName : "the library";
  const inStore =
    kept === undefined || options.store === undefined ? "" : `T2A_STORE=${visibleText(shellWord(kept.note.store))} `;
  say(`Recording session started, ${output.append === undefined ? "writing to" : "going on in"} ${place}`);
  if (!output.crashSafe) {
    context.warn(
      `${shownName} is whole only when the recording has ended: ${output.format.name} so written is not crash-safe`,
    );
  }
  const keys = { pause: parseKey(values["record.pause_key"]), marker: parseKey(values["record.marker_key"]) };
  const tell = sessionVoice(tty, headless, context);
  const shell = await integratedShell(command, options, context);
  const recorder = new SessionRecorder({
    file: (shell ?? program).file,
    args: (shell ?? program).args,
    shell,
    env: context.io.env,
    cwd: process.cwd(),
    tty,
    createSinks: (header: Header) => {
      const { writer, target, append, sync } = output;
      const isNew = append === undefined;
      return [isNew ? FormatSink.start(writer, target, header, sync) : FormatSink.continue(writer, target, sync)];
    },
    ...(command === undefined ? {} : { command }),
    id: kept?.note.recordingId,
    title: options.title,
    beginning: options.task?.beginning,
    ending: options.task?.ending,
    idleTimeLimit: options.idleTimeLimit ?? values["record.idle_time_limit"],
    lossBound: lossBoundOf(output.sync),
    captureEnv: options.captureEnv?.split(",").filter((entry) => entry !== "") ?? values["record.capture_env"],
    captureInput: options.captureInput ?? options.stdin ?? values["record.capture_input"],
    keys,
    append: output.append === undefined ? undefined : { lastTime: output.append.lastTime, id: output.append.header.id },
    readBack: output.readBack,
    // Without a terminal there are no colours to ask for: the answers would be our own.
    ...(headless ? { probeTimeoutMs: 0 } : {}),
    onSinkError: (failure) => tell(failureText(failure)),
    onPause: (paused, fullScreen) => {
      if (!options.quiet) void tty.write(Buffer.from(pauseSign(paused, fullScreen, formatKey(keys.pause))));
    },
    onEnd: ({ sinkErrors, pauseErrors, durationNanos }) => {
      const [pauseError] = pauseErrors;
      if (pauseError !== undefined) {
        tell(`!!! playback is wrong after a pause until the screen is drawn anew: ${reasonOf(pauseError)}\n`);
      }
      if (options.quiet) return;
      // What failed was told when it did; by now that line has scrolled away.
      const ended = sinkErrors.length > 0 ? "ended, not all of it recorded" : "ended";
      const where =
        kept === undefined
          ? `${shownName} (${formatDuration(durationNanos)})`
          : `kept as ${kept.note.session.id} (${inStore}t2a play @last)`;
      tell(`::: Recording session ${ended}: ${where}\n`);
    },
  });
  if (kept !== undefined) options.task?.onStart(kept.note.session);
  const result = await recorder.run();
  context.exit(exitStatus(result, options));
  if (kept === undefined && output.isFinalizable && result.sinkErrors.length === 0) {
    await finalize(output.name, options, context);
  }
}

/** What is in the spool goes into the store. What is not done is done by the next command of the library. */
async function collect(options: RecordCommandOptions, context: CommandContext): Promise<void> {
  if (options.finalize === "never") return;
  if (options.finalize === "background") {
    const { collectInBackground } = await import("../background-collector.js");
    return await collectInBackground(options, context);
  }
  const { collectNow } = await import("../collector.js");
  await collectNow(options, { isQuiet: options.quiet === true }, context);
}

/** What is not done is no failure: the recording is whole as it is. */
async function finalize(name: string, options: RecordCommandOptions, context: CommandContext): Promise<void> {
  if (options.finalize === "never") return;
  const { finalizeInBackground, finalizeNow } = await import("../finalizer.js");
  if (options.finalize === "background") return await finalizeInBackground(name, context);
  try {
    await finalizeNow(name, options.quiet === true, context);
  } catch (error) {
    const { visibleText } = await import("../../terminal/index.js");
    context.warn(`the recording is whole but was not packed: ${visibleText(reasonOf(error))}`);
  }
}

function exitStatus({ exitStatus: status, sinkErrors }: RecordResult, options: RecordCommandOptions): number {
  if (options.return && status !== 0) return status;
  return sinkErrors.length > 0 ? 1 : 0;
}

function shellOf({ io }: CommandContext): string {
  return io.env.SHELL || "/bin/sh";
}

/** A program and its arguments. */
interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
}

function commandLine(command: string | undefined, context: CommandContext): CommandLine {
  return command === undefined ? { file: shellOf(context), args: [] } : { file: "/bin/sh", args: ["-c", command] };
}

/** The shell to be recorded, made ready for marking its commands; undefined where it is none, or is not wanted to. */
async function integratedShell(
  command: string | undefined,
  { shellIntegration }: RecordCommandOptions,
  context: CommandContext,
) {
  const { values } = await context.settings();
  if (!shellIntegration || !values["record.shell_integration"]) return undefined;
  const { parseShellCommand, startWithIntegration } = await import("../../shell/index.js");
  const shell = parseShellCommand(command, shellOf(context));
  return shell === undefined ? undefined : startWithIntegration(shell, context.io.env);
}

/** A name of t2a's own choice; what it is asked to write shows in the extension. */
async function chooseName(command: string, { outputFormat = "t2r" }: RecordCommandOptions): Promise<string> {
  const { getFormat } = await import("../../../formats/index.js");
  const format = getFormat(outputFormat);
  return defaultName(command, new Date(), format.extensions[0] ?? "");
}

/** `2026-11-21-093000-make.t2r`: local time and the command's first word. */
export function defaultName(command: string, now: Date, extension: string): string {
  const word = basename(/^\s*(\S+)/.exec(command)?.[1] ?? "session").replace(/[^A-Za-z0-9._-]/g, "_");
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}-${word.slice(0, 40)}${extension}`;
}

/** The user's terminal, or what stands in for it where there is none or none is wanted. */
async function openTty(
  options: RecordCommandOptions,
  { io }: CommandContext,
): Promise<{ readonly tty: UserTty; readonly headless: boolean }> {
  const { FixedSizeTty, findUserTty } = await import("../../pty/index.js");
  const { windowSize } = options;
  const found = options.headless ? undefined : findUserTty(io.tty);
  if (found !== undefined) {
    return { tty: windowSize === undefined ? found : new FixedSizeTty(found, windowSize), headless: false };
  }
  const { HeadlessTty } = await import("../../record/index.js");
  const { DEFAULT_COLS, DEFAULT_ROWS } = await import("../../core/index.js");
  const size = { cols: DEFAULT_COLS, rows: DEFAULT_ROWS, ...windowSize };
  return { tty: new HeadlessTty(size, io.version), headless: true };
}

/** Where the recording goes. */
interface Output {
  readonly name: string;
  readonly format: Format;
  readonly crashSafe: boolean;
  readonly target: Target;
  readonly writer: Writer;
  readonly sync: SyncMode;
  readonly append?: AppendState;
  readonly readBack?: ReadBack;
  /** The file can be written anew, smaller and quicker to seek in. */
  readonly isFinalizable: boolean;
  /** Its place in the spool of the library, where it goes there. */
  readonly kept?: HeldSpoolEntry | undefined;
  /** Nothing was recorded: a file made for it goes again. */
  discard(): Promise<void>;
}

async function openOutput(
  name: string,
  options: RecordCommandOptions,
  settings: LoadedSettings["values"],
  context: CommandContext,
): Promise<Output> {
  const { io, warn } = context;
  const { createWriter, openRecording } = await import("../../../formats/index.js");
  const { openFileSource, openFileTarget, openPatientTarget, openStreamTarget } = await import("../../files/index.js");
  const { codecForSuffix, compressedTarget } = await import("../../codec/index.js");
  if (name === "-") {
    if (options.append) throw new UsageError("standard output cannot be appended to: name a file");
    const format = await recordFormat(name, options, settings);
    const stdoutName = "standard output";
    const { fd } = io.stdout;
    const signer = await recordSigner(format, options, settings, context);
    const target =
      (fd === undefined ? undefined : openPatientTarget(stdoutName, fd)) ?? openStreamTarget(stdoutName, io.stdout);
    return {
      name,
      format,
      crashSafe: true,
      isFinalizable: false,
      target,
      writer: await createWriter(format, target, { signer }),
      sync: "none",
      discard: async () => {},
    };
  }
  const codec = codecForSuffix(name);
  const existed = existsSync(name);
  // Opening takes the lock: what is read and decided after it stays true.
  const file = await afterFinalizing(name, context, () =>
    openFileTarget(name, {
      mode: options.append ? "append" : "live",
      overwrite: options.overwrite === true,
      onUnlocked: () =>
        warn("this machine cannot lock files: nothing keeps another recording from writing the same one"),
    }),
  );
  const discard = async () => {
    await file.abort();
    if (!existed && existsSync(name) && statSync(name).size === 0) unlinkSync(name);
  };
  try {
    const append = options.append ? await appendTo(name, options) : undefined;
    const format = append?.format ?? (await recordFormat(name, options, settings));
    const signer = await recordSigner(format, options, settings, context);
    const target = codec === undefined ? file : await compressedTarget(codec, file);
    const live = codec === undefined && statSync(name).isFile();
    const crashSafe = format.supports.crashSafe && codec === undefined;
    const wanted = options.sync ?? settings["record.sync"];
    const writer = await createWriter(format, target, { live, signer, synced: wanted !== "none" }, append?.state);
    const sync = crashSafe && writer.sync !== undefined ? wanted : "none";
    const readBack = async () => await openRecording(await openFileSource(name), { format, recover: true });
    const isFinalizable = live && format.name === "t2r";
    const base = {
      name,
      format,
      crashSafe,
      isFinalizable,
      target,
      writer,
      sync,
      discard,
      ...(crashSafe ? { readBack } : {}),
    };
    return append === undefined ? base : { ...base, append: append.state };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** How often a file that is finalized is tried, milliseconds. */
const TRY_MS = 50;

/** The recording before this one may still be packed in the background: a moment, and no reason to refuse the next. */
async function afterFinalizing<T>(name: string, { info }: CommandContext, open: () => T): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return open();
    } catch (error) {
      const { isBeingFinalized } = await import("../../library/index.js");
      const isWaiting =
        error instanceof StoreError && error.code === "T2A_FILE_LOCKED" && (await isBeingFinalized(name));
      if (!isWaiting) throw error;
    }
    if (attempt === 0) info("another process finishes the file: waiting for it");
    await setTimeout(TRY_MS);
  }
}

/** Format by -f, else by extension, else the settings', else asciicast v3: a name never stands in the way of recording. */
async function recordFormat(
  name: string,
  { outputFormat }: RecordCommandOptions,
  settings: LoadedSettings["values"],
): Promise<Format> {
  const { DEFAULT_FORMAT, findFormatByExtension, getFormat } = await import("../../../formats/index.js");
  if (outputFormat !== undefined) return getFormat(outputFormat);
  const found = findFormatByExtension(name);
  if (found !== undefined) return found;
  return settings["record.format"] === undefined ? DEFAULT_FORMAT : getFormat(settings["record.format"]);
}

/** The key to sign with: a setting that names one asks for it wherever a format can be signed. */
async function recordSigner(
  format: Format,
  options: RecordCommandOptions,
  settings: LoadedSettings["values"],
  context: CommandContext,
): Promise<Signer | undefined> {
  const isSet = settings["record.sign_key"] !== undefined && format.supports.signatures === true;
  return await signingKey({ ...options, sign: options.sign ?? isSet }, format, context);
}

/** What is known of the recording to be continued; undefined where there is nothing yet. */
async function appendTo(name: string, { outputFormat }: RecordCommandOptions) {
  if (!existsSync(name) || statSync(name).size === 0) return undefined;
  const { getFormat, scanForAppend } = await import("../../../formats/index.js");
  const { openFileSource } = await import("../../files/index.js");
  const { state, formatName } = await scanForAppend(await openFileSource(name));
  if (outputFormat !== undefined && outputFormat !== formatName) {
    throw new UsageError(`${name} is ${formatName}: it cannot be continued as ${outputFormat}`);
  }
  return { state, format: getFormat(formatName) };
}

/**
 * How things are said while the session runs. The terminal is in raw mode, where a line feed does not return, and may take
 * nothing: what goes through its queue holds up neither the session nor its end, as a write to standard error would.
 */
function sessionVoice(tty: UserTty, headless: boolean, { io }: CommandContext): (text: string) => void {
  if (headless || io.stderr.isTTY !== true) return (text) => void io.stderr.write(text);
  return (text) => void tty.write(Buffer.from(text.replace(/\r?\n/g, "\r\n")));
}

function failureText({ error, sessionGoesOn }: SinkError): string {
  return `\r\n!!! recording stopped${sessionGoesOn ? ", the session goes on" : ""}: ${reasonOf(error)}\r\n`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the user gets to see of a pause. A line would spoil the screen of a full-screen program: the bell has to do. */
function pauseSign(paused: boolean, fullScreen: boolean, key: string): string {
  if (fullScreen) return "\x07";
  return `\r\n::: Recording ${paused ? `paused: ${key} goes on` : "goes on"}\r\n`;
}
