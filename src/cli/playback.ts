// t2a play on a terminal: the player with its screen, keys and status line.
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { OpenT2r } from "../../formats/index.js";
import type { Command } from "../analyze/index.js";
import { type Marker, type Position, UsageError } from "../core/index.js";
import type { IdleMode, PlayableRecording, Player, TextPattern } from "../play/index.js";
import type { UserTty } from "../pty/index.js";
import type { CommandContext } from "./context.js";
import { untilSignalled } from "./ending-signals.js";
import { openIndexed, openInput } from "./input.js";
import { LazyCommands } from "./lazy-commands.js";
import { LazyTextSearch } from "./lazy-text-search.js";
import { INTERRUPTED_LINE, PlayInput, type PlayOptions } from "./play-input.js";
import { findSessionName } from "./references.js";

/** Plays until the user ends it; by itself at the end where no key was pressed. */
export async function playOnTerminal(
  file: string,
  options: PlayOptions,
  context: CommandContext,
  tty: UserTty,
): Promise<void> {
  const { parsePattern } = await import("../play/index.js");
  const pattern = options.search === undefined ? undefined : parsePattern(options.search);
  const input = new PlayInput(file, options, context);
  try {
    const playable = await openPlayable(file, options, context, input);
    const shown = { file, options, context, tty, pattern, playable, endLine: () => input.endLine };
    context.exit(
      await playOpened(shown).finally(async () => {
        await input.release(); // first: what is read may wait for it
        await playable.close();
      }),
    );
  } finally {
    await input.release();
  }
  if (!options.quiet) await input.warnings.tell(context);
}

/** Gives the exit status. */
async function playOpened(shown: Shown): Promise<number> {
  const { Player } = await import("../play/index.js");
  const { options, context, playable } = shown;
  const { recording, search } = playable;
  const { values } = await context.settings();
  const player = new Player({
    recording,
    speed: options.speed ?? values["play.speed"],
    idle: idleMode(options.idleTimeLimit ?? values["play.idle_time_limit"]),
    loop: options.loop,
    pauseOnMarkers: options.pauseOnMarkers ?? values["play.pause_on_markers"],
    startAt: await startOf(options, recording),
    endAt: await positionOf(options.endAt, recording),
    search,
  });
  if (playable.isJoined) void player.seek({ events: Number.POSITIVE_INFINITY });
  return await show(player, shown);
}

interface Shown {
  readonly file: string;
  readonly options: PlayOptions;
  readonly context: CommandContext;
  readonly tty: UserTty;
  readonly pattern: TextPattern | undefined;
  readonly playable: Playable;
  endLine(): string;
}

/** Shows the player on the terminal and runs it. Gives the exit status. */
async function show(player: Player, shown: Shown): Promise<number> {
  const { PlayerUi } = await import("../play/index.js");
  const { colorDepth } = await import("../terminal/index.js");
  const { file, options, context, tty, pattern, playable } = shown;
  const isQuick = await isQuicklyRead(file);
  let hasEnded = false;
  let wasAtEnd = false;
  const ui = new PlayerUi({
    player,
    tty,
    search: playable.search,
    commands: playable.commands,
    depth: colorDepth(context.io.env),
    title: findSessionName(file, context) ?? basename(file),
    followSize: options.resize,
    onQuit: () => {
      wasAtEnd = player.state === "ended";
      void player.stop();
    },
  });
  player.on("ended", () => {
    hasEnded = true;
    if (!ui.touched) void player.stop(); // a film that nobody touched is over at its end
  });
  return await untilSignalled(
    () => void player.stop(),
    async () => {
      let lastLine = "";
      try {
        ui.start();
        if (isQuick) playable.commands.look();
        if (pattern !== undefined) void player.pause().then(() => ui.find(pattern));
        await player.run();
        if (options.quiet !== true)
          lastLine = wasAtEnd || (hasEnded && !ui.touched) ? shown.endLine() : INTERRUPTED_LINE;
      } finally {
        await ui.close(lastLine); // still deaf to further signals: the terminal is being given back
      }
      return ui.gone ? "SIGHUP" : undefined;
    },
  );
}

function idleMode(limit: number | undefined): IdleMode | undefined {
  return limit === undefined ? undefined : { mode: "limit", limit };
}

/** What is played, and what is found in it. */
interface Playable {
  readonly recording: PlayableRecording;
  readonly search: LazyTextSearch;
  readonly commands: LazyCommands;
  /** Playing begins behind all that is there. */
  readonly isJoined: boolean;
  close(): Promise<void>;
}

/** A finished .t2r is entered by its index; everything else is kept in memory as it is read. */
async function openPlayable(
  file: string,
  options: PlayOptions,
  context: CommandContext,
  input: PlayInput,
): Promise<Playable> {
  const indexed = (await input.spool()) ? undefined : await openEntered(file, options, context);
  return indexed ?? (await openCached(file, options, context, input));
}

async function openEntered(file: string, options: PlayOptions, context: CommandContext): Promise<Playable | undefined> {
  const isPlain = !options.strict && !options.recover && options.inputFormat === undefined;
  if (!isPlain || options.follow) return undefined;
  const open = await openIndexed(file, context).catch(() => undefined); // reading it tells
  if (open === undefined) return undefined;
  const { recording } = open;
  const search = new LazyTextSearch(file, options, context, { duration: recording.duration });
  const commands = new LazyCommands(
    () => openInput(file, options, context),
    () => storedCommandsOf(recording),
  );
  return {
    recording,
    search,
    commands,
    isJoined: false,
    close: async () => {
      await commands.close();
      await search.close();
      await open.release();
    },
  };
}

async function storedCommandsOf(recording: OpenT2r): Promise<readonly Command[] | undefined> {
  const { storedCommands } = await import("../library/index.js");
  return await storedCommands(recording);
}

/** What comes through a pipe takes disk space when it is read: so much of it is read before it is played or asked for. */
const MAX_SPOOLED_AHEAD_BYTES = 256 * 1024 * 1024;

async function openCached(
  file: string,
  options: PlayOptions,
  context: CommandContext,
  input: PlayInput,
): Promise<Playable> {
  const { CachedRecording } = await import("../play/index.js");
  const live = new AbortController();
  const isJoined = options.follow === true && options.fromStart !== true;
  const open = () => input.openFromStart(() => live.abort());
  const recording = await CachedRecording.open({
    open,
    live: options.follow ? live.signal : undefined,
    maxAheadBytes: input.isSpooled ? MAX_SPOOLED_AHEAD_BYTES : undefined,
  });
  const search = new LazyTextSearch(file, options, context, {
    open: () => input.openFromStart(),
    cache: options.follow !== true,
  });
  const commands = new LazyCommands((onLive) => input.openBeside(onLive));
  if (isJoined) await recording.readAll(live.signal);
  return {
    recording,
    search,
    commands,
    isJoined,
    close: async () => {
      await commands.close();
      await search.close();
      await recording.close();
    },
  };
}

/** Its commands are looked for though nobody asked; in larger recordings, and in what comes by network or pipe, only then. */
const MAX_QUICK_BYTES = 16 * 1024 * 1024;

async function isQuicklyRead(file: string): Promise<boolean> {
  return await stat(file).then(
    (found) => found.isFile() && found.size <= MAX_QUICK_BYTES,
    () => false,
  );
}

/** Where to begin, nanoseconds. */
async function startOf(options: PlayOptions, recording: PlayableRecording): Promise<number | undefined> {
  if (options.atMarker === undefined) return await positionOf(options.startAt, recording);
  await readAll(recording);
  const marker = findMarker(recording.outline.markers, options.atMarker);
  if (marker === undefined) throw new UsageError(`there is no such marker: t2a marker ls lists them`);
  return marker.time;
}

/** By its label, else by its number from 1. */
function findMarker(markers: readonly Marker[], which: string): Marker | undefined {
  const labelled = markers.find(({ label }) => label === which);
  return labelled ?? (/^[0-9]{1,6}$/.test(which) ? markers[Number(which) - 1] : undefined);
}

async function positionOf(position: Position | undefined, recording: PlayableRecording): Promise<number | undefined> {
  if (position !== undefined && "fraction" in position) await readAll(recording);
  if (position === undefined) return undefined;
  return "nanos" in position ? position.nanos : Math.round(position.fraction * recording.outline.duration);
}

async function readAll(recording: PlayableRecording): Promise<void> {
  await recording.readAll?.(new AbortController().signal);
}
