// Searching an index in PostgreSQL: the grams of what is asked for lead to passages, blocks of commands and sessions, the newest
// first; each is looked at closely. What one question may cost is bounded. What is found is what an index in SQLite finds.
import { throwIfAborted } from "../aborted.js";
import type { PostgresClients } from "../drivers/postgres-clients.js";
import { fold } from "../search/fold.js";
import { gatherHits } from "../search/gather-hits.js";
import { DEFAULT_LIMIT, fits, kindsOf, MAX_LOOKED, MAX_PASSED, MAX_TEXTS, MIN_RANKED } from "../search/limits.js";
import { PassageMatcher, passageText } from "../search/match-passage.js";
import { type OpenedPassage, openPassage } from "../search/passage-codec.js";
import { regexLiterals } from "../search/regex-literals.js";
import { scoreOf } from "../search/score.js";
import type {
  HitKind,
  PassageText,
  SearchHit,
  SearchOptions,
  SearchQuery,
  SessionFilter,
  ShownLine,
} from "../search/search.js";
import { hitRecordingId } from "../search/session-texts.js";
import type { Session } from "../session.js";
import { arrayOf, codeOfWindow, codesOfTerm, codesOfThree, type TermCodes, WINDOW_BITS } from "./gram-codes.js";
import { conditionOf, SqlValues } from "./postgres-filter.js";
import { wordsOf } from "./postgres-sessions.js";
import { unescapeText } from "./text-escape.js";

/** Candidates asked for at once: few at first, as common words need no more. */
const FIRST_PAGE = 128;
const LAST_PAGE = 1024;
/** Candidates whose content is asked for at once. */
const FIRST_CONTENTS = 64;
const LAST_CONTENTS = 512;
/** Candidates that may be left in all older rows where these are asked for without windows. */
const FEW_LEFT = 4000;
/** Texts that are looked through one by one where only few are meant. */
const FEW_TEXTS = 64;
const BLOCKS_AT_ONCE = 200;
const NS_PER_MS = 1_000_000;
/** Parts of a word that may be nearly so, at most. */
const MAX_NEAR_PARTS = 8;
/** What is indexed of a row. */
const CODES = "t2a_index_codes(row, grams)";

/** A row of any of the three kinds, with what it belongs to. */
interface Candidate {
  readonly row: string;
  readonly sessionId: string;
  readonly recordingId: string | null;
  readonly title: string;
  readonly startMs: number;
  /** Of a pack: how many each of its passages has. */
  readonly lines: readonly number[];
}

/** What was found, before it is shown. */
interface Found {
  readonly candidate: Candidate;
  readonly kind: HitKind;
  readonly passage: PassageText;
  readonly score: number;
}

/** What is held against the question. */
interface CandidateText {
  readonly candidate: Candidate;
  readonly passage: PassageText;
  /** Milliseconds since 1970. */
  readonly wallMs: number;
}

/** What of a candidate is looked at as one: a passage, a block's commands, a session. */
interface LikelyText {
  readonly candidate: Candidate;
  readonly texts: readonly CandidateText[];
}

/** Numbers of grams: all of the first, and of each group all of one. */
interface Grams extends TermCodes {
  readonly groups: readonly (readonly TermCodes[])[];
}

interface Work {
  readonly query: SearchQuery;
  readonly filter: SessionFilter;
  readonly matcher: PassageMatcher;
  readonly grams: Grams | undefined;
  /** Of each term that is not to be there. */
  readonly unwanted: readonly TermCodes[];
  /** What stands in every text that the pattern matches. */
  readonly literals: readonly string[];
  /** Of each word that may be nearly so, its parts of three: a passage that has not two of them has no such word. */
  readonly near: readonly (readonly string[])[];
  /** Rows of sessions that ran what the filter says. */
  readonly ran: readonly string[];
  /** Texts, where they are few. */
  readonly texts: readonly string[] | undefined;
  /** Hits that are asked for, and that are compared with each other where there are so many. */
  readonly asked: number;
  readonly wanted: number;
  readonly signal: AbortSignal | undefined;
  isCut: boolean;
}

interface CommandRow {
  readonly block: string;
  readonly line: string;
  readonly cwd: string | null;
  readonly start_ns: number;
  readonly exit_status: number | null;
}

interface Source {
  readonly table: string;
  readonly joins: string;
  readonly columns: string;
  /** Of the table's rows, as they are gone over. */
  readonly rowColumns: string;
  /** What happened between two times; empty: all of it is looked at. */
  readonly during: string;
}

const OF_TEXT = `JOIN t2a_index_recordings r ON r.text = c.text JOIN t2a_index_sessions s ON s.row = r.session`;

/** Where rows of each kind stand. */
const SOURCES: Readonly<Record<HitKind, Source>> = {
  screen: {
    table: "t2a_index_packs",
    joins: OF_TEXT,
    columns: `s.id AS "sessionId", r.id AS "recordingId", coalesce(r.title, nullif(r.text_title, ''), s.name) AS title,
      r.start_ms AS "startMs", c.lines`,
    rowColumns: "row, text, first_ns, last_ns, lines",
    during: "r.start_ms + c.first_ns / 1e6::float8 < $until AND r.start_ms + c.last_ns / 1e6::float8 >= $since",
  },
  command: {
    table: "t2a_index_blocks",
    joins: OF_TEXT,
    columns: `s.id AS "sessionId", r.id AS "recordingId", coalesce(r.title, nullif(r.text_title, ''), s.name) AS title,
      r.start_ms AS "startMs", '{}'::int[] AS lines`,
    rowColumns: "row, text, has_failed",
    during: "",
  },
  session: {
    table: "t2a_index_session_grams",
    joins: "JOIN t2a_index_sessions s ON s.row = c.row",
    columns: `s.id AS "sessionId", NULL AS "recordingId", s.name AS title, s.active_ms::float8 AS "startMs",
      '{}'::int[] AS lines`,
    rowColumns: "row",
    during: "s.created_ms < $until AND s.active_ms >= $since",
  },
};

/** Answers questions from the tables. */
export class PostgresSearch {
  readonly #clients: PostgresClients;
  readonly #now: () => number;

  constructor(clients: PostgresClients, now: () => number) {
    this.#clients = clients;
    this.#now = now;
  }

  /** Rows of all sessions that ran a command whose line has what the filter says of it; none where it says nothing. */
  async commandSessions({ command }: SessionFilter, signal?: AbortSignal): Promise<readonly string[]> {
    const term = fold(command ?? "").trim();
    if (command === undefined || term === "") return [];
    const values = new SqlValues();
    const blocks = await this.#clients.query<{ row: string; session: string }>(
      `WITH c AS MATERIALIZED (
        SELECT row, text FROM t2a_index_blocks WHERE ${gramsIn({ ...codesOfTerm(term), groups: [] }, values, undefined)})
      SELECT c.row, r.session FROM c JOIN t2a_index_recordings r ON r.text = c.text ORDER BY c.row DESC`,
      values.list,
      { signal },
    );
    const sessions = new Set<string>();
    for (let at = 0; at < blocks.rows.length; at += BLOCKS_AT_ONCE) {
      const some = blocks.rows.slice(at, at + BLOCKS_AT_ONCE).filter(({ session }) => !sessions.has(session));
      const sessionOf = new Map(some.map(({ row, session }) => [row, session]));
      const { rows } = await this.#clients.query<{ block: string; line: string }>(
        "SELECT block, line FROM t2a_index_commands WHERE block = ANY ($1::bigint[])",
        [[...sessionOf.keys()]],
        { signal },
      );
      for (const { block, line } of rows) {
        if (fold(unescapeText(line)).includes(term)) sessions.add(sessionOf.get(block) ?? "");
      }
    }
    return [...sessions];
  }

  /** @see StoreIndex.search */
  async search(query: SearchQuery, options: SearchOptions = {}): Promise<readonly SearchHit[]> {
    const { limit = DEFAULT_LIMIT, offset = 0, signal, onCut } = options;
    const matcher = new PassageMatcher(query);
    const ran = await this.commandSessions(query.sessions, signal);
    const work: Work = {
      query,
      // What is in the trash is found where it is asked for.
      filter: { ...query.sessions, isDeleted: query.sessions.isDeleted ?? false },
      matcher,
      grams: gramsOfQuery(query),
      unwanted: query.none
        .map(({ text }) => codesOfTerm(fold(text).trim()))
        .filter(({ all, oneOf }) => all.length + oneOf.length > 0),
      literals: query.pattern === undefined ? [] : regexLiterals(query.pattern),
      near: query.isFuzzy === true ? query.all.map(({ text }) => partsOf(fold(text).trim())).filter(hasTwo) : [],
      ran,
      texts: await this.#fewTexts(query, ran, signal),
      asked: offset + limit,
      wanted: Math.max(MIN_RANKED, offset + limit),
      signal,
      isCut: false,
    };
    const found = (await Promise.all(kindsOf(query, matcher).map((kind) => this.#find(kind, work)))).flat();
    const order = new Map(found.map((one, number) => [one, number]));
    found.sort((one, other) => other.score - one.score || (order.get(one) ?? 0) - (order.get(other) ?? 0));
    if (work.isCut && found.length < offset + limit) onCut?.();
    return found.slice(offset, offset + limit).flatMap((one) => show(one, matcher));
  }

  async #fewTexts(
    { sessions, recordings }: SearchQuery,
    ran: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<readonly string[] | undefined> {
    const isNarrow = Object.entries(sessions).some(([key, value]) => key !== "isDeleted" && value !== undefined);
    if (!isNarrow && recordings === undefined) return undefined;
    const values = new SqlValues();
    const conditions = ["r.text IS NOT NULL", conditionOf(sessions, ran, values)];
    if (recordings !== undefined) {
      const prefixes = recordings.filter((id) => /^[0-9A-Za-z]+$/.test(id)).map((id) => id.toUpperCase());
      conditions.push(`EXISTS (SELECT FROM unnest(${values.add(prefixes)}::text[]) p WHERE starts_with(r.id, p))`);
    }
    const most = recordings === undefined ? FEW_TEXTS + 1 : MAX_TEXTS;
    const { rows } = await this.#clients.query<{ text: string }>(
      `SELECT r.text FROM t2a_index_sessions s JOIN t2a_index_recordings r ON r.session = s.row
      WHERE ${conditions.join(" AND ")} ORDER BY r.text DESC LIMIT ${most}`,
      values.list,
      { signal },
    );
    return recordings === undefined && rows.length > FEW_TEXTS ? undefined : rows.map(({ text }) => text);
  }

  async #find(kind: HitKind, work: Work): Promise<readonly Found[]> {
    const { hits, isCut } = await gatherHits(this.#texts(kind, work), {
      ...work,
      ownerOf: ({ candidate: { recordingId, sessionId } }) => recordingId ?? sessionId,
      look: (batch) => held(batch, kind, work.matcher, this.#now()),
    });
    work.isCut ||= isCut;
    return hits;
  }

  /** What is to be looked at closely, the newest first. */
  async *#texts(kind: HitKind, work: Work): AsyncGenerator<LikelyText> {
    let passed = 0;
    for await (const page of this.#lists(kind, work)) {
      let size = FIRST_CONTENTS;
      for (let at = 0; at < page.length; ) {
        const some = page.slice(at, at + size);
        at += some.length;
        size = Math.min(2 * size, LAST_CONTENTS);
        const contents = await this.#contents(kind, some, work.signal);
        throwIfAborted(work.signal);
        for (const candidate of some) yield* look(kind, candidate, contents.get(candidate.row), work);
        passed += some.length;
        if (passed > MAX_PASSED) {
          work.isCut = true;
          return;
        }
      }
    }
  }

  /** Those first that surely have nothing of what is not to be there: most are found among them. */
  async *#lists(kind: HitKind, work: Work): AsyncGenerator<readonly Candidate[]> {
    if (work.unwanted.length === 0) {
      yield* this.#candidates(kind, work, undefined);
      return;
    }
    yield* this.#candidates(kind, work, "without");
    yield* this.#candidates(kind, work, "with");
  }

  async *#candidates(
    kind: HitKind,
    work: Work,
    unwanted: PageOptions["unwanted"],
  ): AsyncGenerator<readonly Candidate[]> {
    const isOfTexts = work.texts !== undefined && kind !== "session";
    if (isOfTexts) {
      yield await this.#page(kind, work, { size: MAX_LOOKED, unwanted });
      return;
    }
    if (work.grams === undefined) {
      yield* this.#pages(kind, work, { unwanted });
      return;
    }
    const { rows } = await this.#clients.query<{ row: number | null }>(
      `SELECT max(row)::float8 AS row FROM ${SOURCES[kind].table}`,
      [],
      work,
    );
    const newest = rows[0]?.row ?? 0;
    let before = newest + 1;
    for (const [size, bits] of WINDOW_BITS.entries()) {
      const start = Math.max(0, (Math.floor(newest / 2 ** bits) - 1) * 2 ** bits);
      if (start === 0) break;
      const windows = [codeOfWindow(newest, size), codeOfWindow(start, size)];
      let count = 0;
      for await (const page of this.#pages(kind, work, { before, windows, unwanted })) {
        count += page.length;
        yield page;
      }
      before = start;
      if ((count * start) / (newest - start) < FEW_LEFT) break;
    }
    yield* this.#pages(kind, work, { before, unwanted });
  }

  async *#pages(
    kind: HitKind,
    work: Work,
    { before, ...options }: Pick<PageOptions, "windows" | "unwanted"> & { readonly before?: number | undefined },
  ): AsyncGenerator<readonly Candidate[]> {
    let below = before === undefined ? undefined : String(before);
    for (let size = FIRST_PAGE; ; size = LAST_PAGE) {
      const page = await this.#page(kind, work, { ...options, before: below, size });
      yield page;
      if (page.length < size) return;
      below = page.at(-1)?.row;
    }
  }

  async #page(
    kind: HitKind,
    work: Work,
    { before, windows, size, unwanted }: PageOptions,
  ): Promise<readonly Candidate[]> {
    const { table, joins, columns, rowColumns, during } = SOURCES[kind];
    const { query, filter, grams, ran, texts } = work;
    const values = new SqlValues();
    const rowConditions: string[] = [];
    if (grams !== undefined) rowConditions.push(gramsIn(grams, values, windows));
    const conditions = [conditionOf(filter, ran, values)];
    let order = "c.row DESC";
    if (texts !== undefined && kind !== "session") {
      rowConditions.push(`text = ANY (${values.add(texts)}::bigint[])`);
      order = "c.text DESC, c.row DESC";
    }
    if (before !== undefined) conditions.push(`c.row < ${values.add(before)}::bigint`);
    if (query.during !== undefined && during !== "") {
      const [since, until] = [values.add(query.during.sinceMs), values.add(query.during.untilMs)];
      conditions.push(during.replace("$since", () => `${since}::float8`).replace("$until", () => `${until}::float8`));
    }
    if (kind === "command" && query.exit?.isNot === true && query.exit.status === 0) conditions.push("c.has_failed");
    // Gone over by the grams alone: to the planner a look into each row seems cheap, but its grams are stored elsewhere.
    const gone = (name: string, what: string) =>
      `${name} AS MATERIALIZED (SELECT ${what} FROM ${table} WHERE ${rowConditions.join(" AND ")})`;
    const tables: string[] = [];
    const wanted = rowConditions.length;
    if (unwanted !== undefined) {
      const any = work.unwanted.map((terms) => gramsIn({ ...terms, groups: [] }, values, undefined));
      rowConditions.push(`(${any.map((one) => `(${one})`).join(" OR ")})`);
    }
    if (unwanted === "without") {
      tables.push(gone("u", "row"));
      conditions.push("c.row NOT IN (SELECT row FROM u)");
      rowConditions.length = wanted;
    }
    let rows = table;
    if (rowConditions.length > 0) {
      tables.push(gone("c", rowColumns));
      // In order before they are joined: so no more are joined than are asked for, however many there are.
      rows = `(SELECT * FROM c ORDER BY ${order.replaceAll("c.", "")})`;
    }
    const first = tables.length === 0 ? "" : `WITH ${tables.join(", ")}`;
    const answer = await this.#clients.query<Candidate>(
      `${first} SELECT c.row, ${columns} FROM ${rows} c ${joins} WHERE ${conditions.join(" AND ")}
      ORDER BY ${order} LIMIT ${size}`,
      values.list,
      work,
    );
    return answer.rows;
  }

  /** What the candidates hold, by their rows: bytes of a passage or a session's document, or a block's commands, the last first. */
  async #contents(
    kind: HitKind,
    candidates: readonly Candidate[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, Buffer | readonly CommandRow[]>> {
    const values = [candidates.map(({ row }) => row)];
    if (kind === "command") {
      const { rows } = await this.#clients.query<CommandRow>(
        `SELECT block, line, cwd, start_ns::float8, exit_status FROM t2a_index_commands
        WHERE block = ANY ($1::bigint[]) ORDER BY block, number DESC`,
        values,
        { signal },
      );
      const byBlock = new Map<string, CommandRow[]>();
      for (const row of rows) {
        const commands = byBlock.get(row.block);
        if (commands === undefined) byBlock.set(row.block, [row]);
        else commands.push(row);
      }
      return byBlock;
    }
    const sql =
      kind === "screen"
        ? "SELECT row, bytes FROM t2a_index_packs WHERE row = ANY ($1::bigint[])"
        : "SELECT row, json AS bytes FROM t2a_index_sessions WHERE row = ANY ($1::bigint[])";
    const { rows } = await this.#clients.query<{ row: string; bytes: Buffer }>(sql, values, { signal });
    return new Map(rows.map(({ row, bytes }) => [row, bytes]));
  }
}

interface PageOptions {
  /** Rows below this one, so many of them. */
  readonly before?: string | undefined;
  readonly size: number;
  /** Those that have parts of what is not to be there, or those that have not; undefined: all. */
  readonly unwanted?: "with" | "without" | undefined;
  /** In these windows only. */
  readonly windows?: readonly number[] | undefined;
}

/** What is to be held against the question as one; nothing where it is gone meanwhile, or surely has not what is asked for. */
function* look(
  kind: HitKind,
  candidate: Candidate,
  content: Buffer | readonly CommandRow[] | undefined,
  work: Work,
): Generator<LikelyText> {
  if (content === undefined) return;
  const { matcher, query } = work;
  const { startMs } = candidate;
  if (!Buffer.isBuffer(content)) {
    const texts = (content as readonly CommandRow[]).flatMap((command) => {
      const wallMs = startMs + command.start_ns / NS_PER_MS;
      const facts = { cwd: command.cwd && unescapeText(command.cwd), exitStatus: command.exit_status };
      if (!fits(facts, wallMs, query)) return [];
      const passage = passageText([{ timeNs: command.start_ns, text: unescapeText(command.line) }]);
      return [{ candidate, passage, wallMs }];
    });
    yield { candidate, texts };
    return;
  }
  if (kind === "session") {
    yield { candidate, texts: [{ candidate, passage: passageText(sessionWords(content)), wallMs: startMs }] };
    return;
  }
  const opened = openPassage(content);
  if (matcher.isSurelyNotIn(opened)) return;
  for (const { passage, lastNs } of passagesOf(opened, candidate.lines)) {
    if (!isLikely(passage, work)) continue;
    const wallMs = startMs + lastNs / NS_PER_MS;
    const shown = query.during === undefined ? passage : shownDuring(passage.lines(), startMs, query.during);
    yield { candidate, texts: shown === undefined ? [] : [{ candidate, passage: shown, wallMs }] };
  }
}

/** Of each, those of the texts that have what is asked for. */
function held(
  batch: readonly LikelyText[],
  kind: HitKind,
  matcher: PassageMatcher,
  now: number,
): readonly (readonly Found[])[] {
  const worths = matcher.testAll(batch.flatMap(({ texts }) => texts.map(({ passage }) => passage))).values();
  return batch.map(({ texts }) =>
    texts.flatMap(({ candidate, passage, wallMs }) => {
      const worth = worths.next().value;
      return worth === undefined ? [] : [{ candidate, kind, passage, score: scoreOf({ ...worth, kind, wallMs }, now) }];
    }),
  );
}

interface PassageOfPack {
  readonly passage: PassageText;
  /** Time of its last line, in nanoseconds. */
  readonly lastNs: number;
}

/** The passages of a pack, the last first. */
function* passagesOf(opened: OpenedPassage, counts: readonly number[]): Generator<PassageOfPack> {
  if (counts.length === 1) {
    yield { passage: opened, lastNs: opened.lastNs };
    return;
  }
  const lines = opened.lines();
  let end = lines.length;
  for (const count of counts.toReversed()) {
    const own = lines.slice(end - count, end);
    yield { passage: passageText(own), lastNs: own.at(-1)?.timeNs ?? 0 };
    end -= count;
  }
}

/** Whether a passage of a likely pack is likely itself, where a look at it costs much. */
function isLikely(passage: PassageText, { literals, near }: Work): boolean {
  if (literals.length + near.length === 0) return true;
  const folded = fold(passage.text);
  if (literals.some((literal) => !folded.includes(literal))) return false;
  return near.every((parts) => {
    let count = 0;
    for (const part of parts) if (folded.includes(part) && ++count > 1) return true;
    return false;
  });
}

function sessionWords(json: Buffer): readonly ShownLine[] {
  const words = wordsOf(JSON.parse(json.toString("utf8")) as Session);
  return words.length === 0 ? [{ timeNs: 0, text: "" }] : words.map((text) => ({ timeNs: 0, text }));
}

function shownDuring(
  lines: readonly ShownLine[],
  startMs: number,
  during: NonNullable<SearchQuery["during"]>,
): PassageText | undefined {
  const shown = lines.filter(({ timeNs }) => {
    const wallMs = startMs + timeNs / NS_PER_MS;
    return wallMs >= during.sinceMs && wallMs < during.untilMs;
  });
  return shown.length === 0 ? undefined : passageText(shown);
}

function show({ candidate, kind, passage, score }: Found, matcher: PassageMatcher): readonly SearchHit[] {
  const shown = matcher.match(passage);
  if (shown === undefined) return [];
  const { sessionId, title } = candidate;
  const recordingId = hitRecordingId(candidate.recordingId);
  const { timeNs, snippet, matches } = shown;
  return [{ sessionId, recordingId, title: unescapeText(title), timeNs, snippet, matches, kind, score }];
}

/** The question for the grams; undefined where there is nothing to ask for. */
function gramsOfQuery({ all, pattern, isFuzzy = false }: SearchQuery): Grams | undefined {
  const terms: string[] = [];
  const groups: (readonly TermCodes[])[] = [];
  for (const { text } of all) {
    const term = fold(text).trim();
    const parts = isFuzzy ? partsOf(term) : [];
    if (hasTwo(parts)) groups.push(pairsOf(parts.slice(0, MAX_NEAR_PARTS)));
    else terms.push(term);
  }
  if (pattern !== undefined) terms.push(...regexLiterals(pattern));
  const codes = terms.map(codesOfTerm);
  const grams = { all: codes.flatMap((one) => one.all), oneOf: codes.flatMap((one) => one.oneOf), groups };
  return grams.all.length + grams.oneOf.length + groups.length === 0 ? undefined : grams;
}

/** Of a text with a word that is nearly so, as a rule: any two of its parts of three; both in one half of them, or one in each. */
function pairsOf(parts: readonly string[]): readonly TermCodes[] {
  if (parts.length < 2) return [];
  const halves = [parts.slice(0, parts.length >> 1), parts.slice(parts.length >> 1)];
  return [{ all: [], oneOf: halves.map((half) => half.flatMap(codesOfThree)) }, ...halves.flatMap(pairsOf)];
}

/** All parts of three characters of a folded word and the blanks around it. */
function partsOf(folded: string): readonly string[] {
  const padded = ` ${folded} `;
  const parts = Array.from({ length: Math.max(0, folded.length) }, (_, at) => padded.slice(at, at + 3));
  return folded.length < 3 ? [] : [...new Set(parts)];
}

function hasTwo(parts: readonly string[]): boolean {
  return parts.length > 1;
}

/** Conditions that the index alone answers, so that no row's own grams are read. */
function gramsIn({ groups, ...terms }: Grams, values: SqlValues, windows: readonly number[] | undefined): string {
  const numbers = (codes: readonly number[]) => `${values.add(arrayOf(codes))}::int[]`;
  const has = ({ all, oneOf }: TermCodes) => [
    ...(all.length === 0 ? [] : [`${CODES} @> ${numbers(all)}`]),
    ...oneOf.map((some) => `${CODES} && ${numbers(some)}`),
  ];
  const parts = has(terms);
  if (windows !== undefined) parts.push(`${CODES} && ${numbers(windows)}`);
  // Each with all that goes for all of them: so none is long.
  for (const group of groups) parts.push(`(${group.map((one) => `(${has(one).join(" AND ")})`).join(" OR ")})`);
  return parts.join(" AND ");
}
