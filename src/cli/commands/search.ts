// t2a search, t2a library search: what screens showed, what was run, and what sessions say of themselves, in all of the library.
import { homedir } from "node:os";
import { type Command, Option } from "commander";
import { formatDuration, UsageError } from "../../core/index.js";
import type { Library } from "../../library/kept.js";
import type { HitKind, SearchHit, SearchQuery, SessionFilter } from "../../store/index.js";
import type { CommandContext } from "../context.js";
import { onInterruption } from "../interruption.js";
import { openExisting } from "../open-library.js";
import { parseCount } from "../parse.js";
import {
  addSessionFilterOptions,
  hasSessionFilter,
  type SessionFilterOptions,
  sessionFilterOf,
} from "../session-filter.js";
import { shellWord } from "../shell-word.js";
import { addStoreOption, type StoreOption } from "../store-option.js";

interface SearchCommandOptions extends SessionFilterOptions, StoreOption {
  readonly kind?: HitKind;
  readonly regex?: boolean;
  readonly fuzzy?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

/** As the store has them, which is loaded only when it is opened. */
const KINDS: readonly HitKind[] = ["screen", "command", "session"];
const DEFAULT_LIMIT = 20;

/** Registers the command. */
export function registerSearch(parent: Command, context: CommandContext): void {
  const command = parent
    .command("search")
    .summary("find what was shown or run, in all of the library")
    .description(
      "Finds text that screens showed, lines of commands, and what sessions say of themselves (name, title, tags\n" +
        "and so on), the best first, with the command that plays it from there. Letters' case is the same.",
    )
    .argument("[text...]", "words that are all to be there, and more: see below");
  addStoreOption(addSessionFilterOptions(command))
    .addOption(new Option("--kind <kind>", "only what was found there").choices(KINDS))
    .option("--regex", "the text is a regular expression that a line matches; without capitals case is ignored")
    .option("--fuzzy", "words that are nearly so are found too")
    .option("--limit <count>", "so many hits at most", parseCount(1), DEFAULT_LIMIT)
    .option("--json", "print an array of hits")
    .addHelpText(
      "after",
      `
TEXT:
  word             anywhere, also within a word
  "some words"     one after the other, also where a line ends between them
  pre*             only where a word begins
  -word, -"a b"    not where this is, too
  title: name: tag: status: host: agent: user: command: kind: session: recording:
                   only there: tag:web, title:"the shop"
  exit:0 exit:!0   only commands that ended so
  cwd:~/x          only commands run in such a folder
  during:2026-11-01..07, during:2026-11, during:today, since:7d, until:2026-11-01
                   what was shown or run then; sessions that began since, or before

All is to be found within about 80 lines that followed each other, within a command, or within what a session says of itself. One search
looks closely at 500 places of each kind, the newest first, and says so where that was not all.

Exit status: 0 where there is a hit, 1 where there is none.

Examples:
  t2a search 'connection refused'
  t2a search '"permission denied" -docker during:yesterday'
  t2a search 'make exit:!0 cwd:~/shop' --since 7d
  t2a search --regex 'panic: .* at line [0-9]+'`,
    )
    .action((words: string[], options: SearchCommandOptions) => search(words.join(" "), options, context));
}

async function search(text: string, options: SearchCommandOptions, context: CommandContext): Promise<void> {
  const { query, references } = await parse(text, options, context);
  const library = await openExisting(options, context, { isTended: true });
  if (library === undefined) {
    if (options.json) context.printJson([]);
    else context.info("the library is empty: t2a record records into it");
    context.exit(1);
    return;
  }
  const interruption = onInterruption();
  try {
    const { signal } = interruption;
    const { tendLibrary } = await import("../collector.js");
    if (!(await tendLibrary(library, { isQuiet: true }, context))) return;
    const ids = references.length === 0 ? undefined : await idsOf(references, library);
    const sessions: SessionFilter = { ...query.sessions, ...(ids === undefined ? {} : { ids }) };
    const onCut = () => context.warn("not everything was looked at: more words, or --since, lead to what is older");
    const hits = await library.store.index.search({ ...query, sessions }, { limit: options.limit, signal, onCut });
    if (options.json) printJson(hits, context);
    else await print(hits, library, options, context);
    if (hits.length === 0) context.exit(1);
  } catch (error) {
    if (interruption.status === undefined) throw error;
    context.exit(interruption.status);
  } finally {
    interruption.release();
    await library.close();
  }
}

async function parse(text: string, options: SearchCommandOptions, { io }: CommandContext) {
  const { parseQuery, parseSearchPattern } = await import("../../store/index.js");
  const nowMs = Date.now();
  const ofOptions = Object.entries(sessionFilterOf(options, nowMs)).filter(([, value]) => value !== undefined);
  let parsed: { readonly query: SearchQuery; readonly references: readonly string[] };
  if (options.regex) {
    if (options.fuzzy) throw new UsageError("--regex is exact and --fuzzy is not: use one of them");
    parsed = { query: { all: [], none: [], pattern: parseSearchPattern(text), sessions: {} }, references: [] };
  } else if (text.trim() === "" && (hasSessionFilter(options) || options.kind !== undefined)) {
    parsed = { query: { all: [], none: [], sessions: {} }, references: [] };
  } else {
    parsed = parseQuery(text, { home: io.env.HOME ?? homedir(), nowMs });
  }
  for (const [key] of ofOptions) {
    if (Object.hasOwn(parsed.query.sessions, key)) {
      throw new UsageError(`the search and an option both say ${key.replace("Ms", "")}: say it once`);
    }
  }
  if (options.kind !== undefined && parsed.query.kinds !== undefined) {
    throw new UsageError("the search and --kind both say the kind: say it once");
  }
  const query: SearchQuery = {
    ...parsed.query,
    ...(options.kind === undefined ? {} : { kinds: [options.kind] }),
    isFuzzy: options.fuzzy === true,
    sessions: { ...parsed.query.sessions, ...Object.fromEntries(ofOptions) },
  };
  return { query, references: parsed.references };
}

async function idsOf(references: readonly string[], library: Library): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const reference of references) ids.push((await library.resolve(reference)).session.id);
  return ids;
}

function printJson(hits: readonly SearchHit[], context: CommandContext): void {
  context.printJson(
    hits.map(({ sessionId, recordingId, title, timeNs, snippet, kind, score }) => ({
      ...{ sessionId, recordingId, title, timeNs, snippet, kind, score },
    })),
  );
}

async function print(
  hits: readonly SearchHit[],
  library: Library,
  { store }: StoreOption,
  context: CommandContext,
): Promise<void> {
  const { visibleText } = await import("../../terminal/index.js");
  const isColoured = context.io.stdout.isTTY === true && !context.io.env.NO_COLOR;
  const strong = (text: string, code: string) => (isColoured ? `\x1b[${code}m${text}\x1b[0m` : text);
  if (hits.length === 0) context.info("nothing found");
  // Which store it was is said to t2a play, too; it has no --store.
  const inStore = store === undefined ? "" : `T2A_STORE=${visibleText(shellWord(library.location))} `;
  for (const [number, hit] of hits.entries()) {
    const session = await library.store.index.findSession(hit.sessionId);
    const recording = session?.recordings.find(({ id }) => id === hit.recordingId);
    const startMs = Date.parse(recording?.createdAt ?? session?.createdAt ?? "");
    const when = Number.isNaN(startMs) ? "" : `  ${localTime(startMs + hit.timeNs / 1e6)}`;
    const at = hit.recordingId === null ? "" : `  ${formatDuration(seenAt(hit.timeNs))}`;
    if (number > 0) context.print("");
    context.print(`${strong(visibleText(hit.title), "1")}${at}${when}  ${hit.kind}`);
    context.print(`  ${highlighted(hit, visibleText, (text) => strong(text, "1;31"))}`);
    const id = await shortId(hit.sessionId, library);
    // What a session is played by is its last recording.
    const isPlayed = session?.recordings.at(-1)?.id === hit.recordingId;
    const what = isPlayed ? `t2a play ${id} --start-at ${seenAt(hit.timeNs) / 1e9}s` : `t2a show ${id}`;
    context.print(strong(`  ${inStore}${what}`, "2"));
  }
}

/** Rounded up to what positions are written in: from there on the hit is to be seen. Nanoseconds. */
function seenAt(timeNs: number): number {
  const TENTH = 100_000_000;
  return Math.ceil(timeNs / TENTH) * TENTH;
}

function localTime(ms: number): string {
  const date = new Date(ms);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

function highlighted(
  { snippet, matches }: SearchHit,
  visible: (text: string) => string,
  strong: (text: string) => string,
) {
  let shown = "";
  let at = 0;
  for (const [start, length] of matches) {
    shown += visible(snippet.slice(at, start)) + strong(visible(snippet.slice(start, start + length)));
    at = start + length;
  }
  return shown + visible(snippet.slice(at));
}

/** The shortest beginning that commands take and no other session has. */
async function shortId(id: string, library: Library): Promise<string> {
  for (const length of [10, 14, 18, 22]) {
    if ((await library.store.index.findIds(id.slice(0, length), 2)).length === 1) return id.slice(0, length);
  }
  return id;
}
