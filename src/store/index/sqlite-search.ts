// Searching an index in SQLite: the grams of what is asked for lead to passages, blocks of commands and sessions, the newest first;
// each is looked at closely. What one question may cost is bounded.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database, Statement } from "better-sqlite3";
import { T2aError } from "../../core/index.js";
import { fold } from "../search/fold.js";
import { gatherHits } from "../search/gather-hits.js";
import { fuzzyGrams, gramsOfTerm } from "../search/grams.js";
import { DEFAULT_LIMIT, fits, kindsOf, MAX_PASSED, MAX_TEXTS, MIN_RANKED } from "../search/limits.js";
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
import { asStoreError, type SqliteAccess } from "./sqlite-access.js";
import { conditionOf, isNarrow } from "./sqlite-filter.js";

/** Rows asked for at once: few at first, as common words need no more. */
const FIRST_PAGE = 256;
const LAST_PAGE = 1024;
/** Passages that are asked for at once, of those that have the grams. */
const ROWS_AT_ONCE = 32;
/** Texts that are looked for one by one where only few are meant. */
const FEW_TEXTS = 64;
/** Milliseconds of work at a stretch. */
const STRETCH_MS = 8;
const NS_PER_MS = 1_000_000;

/** A row of any of the three kinds, with what it belongs to. */
interface Candidate {
  readonly row: number;
  readonly session: number;
  readonly isDeleted: number;
  readonly sessionId: string;
  readonly recordingId: string | null;
  readonly title: string | null;
  readonly startMs: number;
  /** Nanoseconds of a passage, milliseconds of a session. */
  readonly first: number;
  readonly last: number;
  /** Of a passage: where it is. */
  readonly place?: Place;
}

/** A pack, and the lines in it. */
interface Place {
  readonly pack: number;
  readonly firstLine: number;
  readonly lines: number;
}

interface PassageRow extends Place {
  readonly text: number;
  readonly first: number;
  readonly last: number;
}

/** What a text's passages belong to. */
type TextOwner = Omit<Candidate, "row" | "first" | "last" | "place">;

/** How many of a list were read at once, and the last of them. */
interface Page {
  readonly read: number;
  readonly last: number;
}

/** What was found, before it is shown. */
interface Found {
  readonly candidate: Candidate;
  readonly kind: HitKind;
  readonly passage: PassageText;
  readonly score: number;
}

interface CandidateText {
  readonly candidate: Candidate;
  readonly passage: PassageText;
  /** Milliseconds since 1970. */
  readonly wallMs: number;
}

/** Which rows of the kind are candidates. */
interface Scope {
  /** Rows of index_sessions; undefined: all. */
  readonly sessions: ReadonlySet<number> | undefined;
  /** Texts, where they are few. */
  readonly texts: readonly number[] | undefined;
}

interface Work {
  readonly query: SearchQuery;
  readonly matcher: PassageMatcher;
  /** Questions for the grams that between them give all candidates, those first of which more will do; undefined: all there is. */
  readonly matches: readonly (string | undefined)[];
  readonly scope: Scope;
  /** By text, as far as they were met. */
  readonly owners: Map<number, TextOwner | undefined>;
  /** Hits that are asked for, and that are compared with each other where there are so many. */
  readonly asked: number;
  readonly wanted: number;
  readonly signal: AbortSignal | undefined;
  isCut: boolean;
  stretch: number;
}

/** Answers questions from the tables. */
export class SqliteSearch {
  readonly #database: Database;
  readonly #access: SqliteAccess;
  readonly #now: () => number;
  readonly #sql;
  /** The pack that was looked at last in this question: its row may be another's in the next. */
  #opened: OpenedPack | undefined;

  constructor(database: Database, access: SqliteAccess, now: () => number) {
    this.#database = database;
    this.#access = access;
    this.#now = now;
    this.#sql = {
      owner: database.prepare<[number], TextOwner>(`select ${OF_TEXT} from index_texts t ${OF_TEXTS} where t.row = ?`),
      passage: database.prepare<[number], PassageRow>(
        `select text, first_ns as first, last_ns as last, pack, first_line as firstLine, lines
         from index_passages where row = ?`,
      ),
      pack: database.prepare("select bytes from index_packs where row = ?").pluck(),
      commands: database.prepare<[number], CommandRow>(
        `select number, line, cwd, start_ns as startNs, exit_status as exitStatus from index_commands
         where block = ? order by number desc`,
      ),
      words: database.prepare("select words from index_documents where row = ?").pluck(),
      name: database.prepare("select json ->> 'name' from index_documents where row = ?").pluck(),
      blockSession: database
        .prepare(
          `select r.session from index_blocks b join index_texts t on t.row = b.text
           join index_recordings r on r.row = t.recording and r.text = t.row where b.row = ?`,
        )
        .pluck(),
      blocksWith: database
        .prepare(
          "select rowid from index_block_grams where index_block_grams match ? and rowid > ? order by rowid limit ?",
        )
        .pluck(),
      blocks: database.prepare("select row from index_blocks where row > ? order by row limit ?").pluck(),
    };
  }

  /** Rows of all sessions that ran a command whose line has what the filter says of it; none where it says nothing. */
  async commandSessions({ command }: SessionFilter): Promise<readonly number[]> {
    const term = fold(command ?? "").trim();
    if (command === undefined || term === "") return [];
    const match = allOf(gramsOfTerm(term));
    const sessions = new Set<number>();
    for (let last = 0; ; ) {
      const rows = await this.#access.read(() => {
        const blocks = this.#sql.blocksWith.all(match, last, LAST_PAGE) as number[];
        for (const block of blocks) {
          const session = this.#sql.blockSession.get(block) as number | undefined;
          if (session === undefined || sessions.has(session)) continue;
          if (this.#sql.commands.all(block).some(({ line }) => fold(line).includes(term))) sessions.add(session);
        }
        return blocks;
      });
      if (rows.length < LAST_PAGE) return [...sessions];
      last = rows.at(-1) ?? 0;
      await nextTurn();
    }
  }

  /** @see StoreIndex.search */
  async search(query: SearchQuery, options: SearchOptions = {}): Promise<readonly SearchHit[]> {
    const { limit = DEFAULT_LIMIT, offset = 0, signal, onCut } = options;
    const matcher = new PassageMatcher(query);
    this.#opened = undefined;
    const work: Work = {
      query,
      matcher,
      matches: matchesOf(query),
      owners: new Map(),
      scope: await this.#scopeOf(query),
      asked: offset + limit,
      wanted: Math.max(MIN_RANKED, offset + limit),
      signal,
      isCut: false,
      stretch: performance.now(),
    };
    const found: Found[] = [];
    for (const kind of kindsOf(query, matcher)) found.push(...(await this.#find(kind, work)));
    const order = new Map(found.map((one, number) => [one, number]));
    found.sort((one, other) => other.score - one.score || (order.get(one) ?? 0) - (order.get(other) ?? 0));
    if (work.isCut && found.length < offset + limit) onCut?.();
    return found.slice(offset, offset + limit).flatMap((one) => this.#show(one, matcher));
  }

  async #scopeOf({ sessions: filter, recordings }: SearchQuery): Promise<Scope> {
    if (!isNarrow(filter) && recordings === undefined) return { sessions: undefined, texts: undefined };
    const ran = await this.commandSessions(filter);
    return await this.#access.read(() => {
      const { sql, parameters } = conditionOf(filter, ran);
      const rows = this.#database.prepare(`select s.row from index_sessions s where ${sql}`).pluck();
      const sessions = rows.all(...parameters) as number[];
      if (sessions.length > FEW_TEXTS && recordings === undefined) {
        return { sessions: new Set(sessions), texts: undefined };
      }
      const texts = this.#database
        .prepare(
          `select text from index_recordings where session in (select value from json_each(?)) and text is not null
           and (? is null or exists (select 1 from json_each(?) where index_recordings.id like value || '%'))
           order by text desc limit ${MAX_TEXTS}`,
        )
        .pluck();
      const prefixes = recordings === undefined ? null : JSON.stringify(recordings.filter((id) => /^\w+$/.test(id)));
      const few = texts.all(JSON.stringify(sessions), prefixes, prefixes) as number[];
      const isFew = few.length <= FEW_TEXTS || recordings !== undefined;
      return { sessions: new Set(sessions), texts: isFew ? few : undefined };
    });
  }

  async #find(kind: HitKind, work: Work): Promise<readonly Found[]> {
    const { hits, isCut } = await gatherHits(this.#candidates(kind, work), {
      ...work,
      ownerOf: ({ recordingId, sessionId }) => recordingId ?? sessionId,
      look: (candidates) => this.#look(kind, candidates, work),
      pause: async () => {
        if (performance.now() - work.stretch <= STRETCH_MS) return;
        await nextTurn();
        if (work.signal?.aborted) throw new T2aError("T2A_ABORTED", "the search was cancelled");
        work.stretch = performance.now();
      },
    });
    work.isCut ||= isCut;
    return hits;
  }

  async *#candidates(kind: HitKind, work: Work): AsyncGenerator<Candidate> {
    const { sessions, texts } = work.scope;
    const isDeleted = work.query.sessions.isDeleted ?? false;
    const isMeant = (candidate: Candidate) =>
      (sessions === undefined || sessions.has(candidate.session)) &&
      isDeleted === (candidate.isDeleted === 1) &&
      isInTime(kind, candidate, work.query);
    const lists = (texts === undefined || kind === "session" ? [undefined] : texts).flatMap((text) =>
      work.matches.map((match) => ({ text, match })),
    );
    let passed = 0;
    for (const list of lists) {
      let size = FIRST_PAGE;
      for (let before = Number.MAX_SAFE_INTEGER; ; size = Math.min(size * 2, LAST_PAGE)) {
        const options = { ...list, before, size, isMeant };
        const page = yield* kind === "screen" ? this.#passages(work, options) : this.#page(kind, work, options);
        if (page.read < size) break;
        before = page.last;
        passed += page.read;
        if (passed > MAX_PASSED) {
          work.isCut = true;
          return;
        }
      }
    }
  }

  /** Passages are many: which have the grams is asked for first, then as many of them as are wanted, and once a text what they belong to. */
  async *#passages(
    { owners }: Work,
    { before, size, text, match, isMeant }: PageOptions,
  ): AsyncGenerator<Candidate, Page> {
    const [table, place] = match === undefined ? ["index_passages", "row"] : ["index_passage_grams", "rowid"];
    const conditions = [`${place} < ?`];
    const parameters: (string | number)[] = [before];
    if (match !== undefined) {
      conditions.push("index_passage_grams match ?");
      parameters.push(match);
    }
    if (text !== undefined) {
      conditions.push(`${place} >= (select min(row) from index_passages where text = ?)
        and ${place} <= (select max(row) from index_passages where text = ?)`);
      parameters.push(text, text);
    }
    const sql = `select ${place} as row from ${table} where ${conditions.join(" and ")} order by ${place} desc limit ?`;
    const list = this.#prepared<{ readonly row: number }>(sql);
    const rows = await this.#access.read(() => list.all(...parameters, size));
    const candidateAt = (row: number): Candidate | undefined => {
      const place = this.#sql.passage.get(row);
      if (place === undefined || (text !== undefined && place.text !== text)) return undefined;
      if (!owners.has(place.text)) owners.set(place.text, this.#sql.owner.get(place.text));
      const owner = owners.get(place.text);
      return owner && { ...owner, row, first: place.first, last: place.last, place };
    };
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      const some = rows.slice(at, at + ROWS_AT_ONCE);
      const candidates = await this.#access.read(() => some.map(({ row }) => candidateAt(row)));
      for (const candidate of candidates) if (candidate !== undefined && isMeant(candidate)) yield candidate;
    }
    return { read: rows.length, last: rows.at(-1)?.row ?? 0 };
  }

  async *#page(
    kind: Exclude<HitKind, "screen">,
    work: Work,
    { before, size, text, match, isMeant }: PageOptions,
  ): AsyncGenerator<Candidate, Page> {
    const { head, rest, grams, columns, row } = SOURCES[kind];
    const isFailedOnly = kind === "command" && work.query.exit?.isNot === true && work.query.exit.status === 0;
    const parameters: (string | number)[] = [];
    const conditions: string[] = [];
    const from = `${match === undefined ? head : `${grams} g cross join ${head} on ${row} = g.rowid`} ${rest}`;
    const place = match === undefined ? row : "g.rowid";
    if (match !== undefined) {
      conditions.push(`g.${grams} match ?`);
      parameters.push(match);
    }
    conditions.push(`${place} < ?`);
    parameters.push(before);
    if (text !== undefined) {
      conditions.push(
        `t.row = ? and ${place} >= (select min(row) from index_blocks where text = ?)
         and ${place} <= (select max(row) from index_blocks where text = ?)`,
      );
      parameters.push(text, text, text);
    }
    if (isFailedOnly) conditions.push(`${row} in (select block from index_commands where exit_status <> 0)`);
    const sql = `select ${row} as row, ${columns} from ${from} where ${conditions.join(" and ")} order by ${place} desc limit ?`;
    const list = this.#prepared<Candidate>(sql);
    const candidates = await this.#access.read(() => list.all(...parameters, size));
    yield* candidates.filter(isMeant);
    return { read: candidates.length, last: candidates.at(-1)?.row ?? 0 };
  }

  readonly #statements = new Map<string, Statement>();

  #prepared<Row>(sql: string) {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement as Statement<(string | number)[], Row>;
  }

  /** What is found in each candidate. */
  #look(kind: HitKind, candidates: readonly Candidate[], work: Work): readonly (readonly Found[])[] {
    const texts = candidates.map((candidate) => this.#textsOf(kind, candidate, work));
    const worths = work.matcher.testAll(texts.flatMap((some) => some.map(({ passage }) => passage))).values();
    return texts.map((some) =>
      some.flatMap(({ candidate, passage, wallMs }) => {
        const worth = worths.next().value;
        return worth ? [{ candidate, kind, passage, score: scoreOf({ ...worth, kind, wallMs }, this.#now()) }] : [];
      }),
    );
  }

  /** What is to be looked at closely; nothing where it is gone meanwhile, or surely has not what is asked for. */
  #textsOf(kind: HitKind, candidate: Candidate, { matcher, query }: Work): readonly CandidateText[] {
    const { startMs, row, last } = candidate;
    if (kind === "command") {
      return this.#commands(row).flatMap((command) => {
        const wallMs = startMs + command.startNs / NS_PER_MS;
        if (!fits(command, wallMs, query)) return [];
        return [{ candidate, passage: passageText([{ timeNs: command.startNs, text: command.line }]), wallMs }];
      });
    }
    if (kind === "session") return [{ candidate, passage: passageText(this.#words(row)), wallMs: last }];
    const passage = this.#passage(candidate, { matcher, query });
    return passage === undefined ? [] : [{ candidate, passage, wallMs: startMs + last / NS_PER_MS }];
  }

  #commands(block: number): readonly CommandRow[] {
    return this.#sql.commands.all(block);
  }

  #words(session: number): readonly ShownLine[] {
    const words = (this.#sql.words.get(session) as string | undefined) ?? "";
    return words.split("\n").map((text) => ({ timeNs: 0, text }));
  }

  /** None where it is gone meanwhile, or surely has not what is asked for. */
  #passage(
    { place, startMs }: Candidate,
    { matcher, query: { during } }: Pick<Work, "matcher" | "query">,
  ): PassageText | undefined {
    if (place === undefined) return undefined;
    const { isNeedless, isOnePassage, opened } = this.#pack(place, { matcher, during });
    if (isNeedless || opened === undefined) return undefined;
    if (isOnePassage) return opened;
    const lines = opened.lines().slice(place.firstLine, place.firstLine + place.lines);
    if (during === undefined) return passageText(lines);
    const those = lines.filter(({ timeNs }) => {
      const wallMs = startMs + timeNs / NS_PER_MS;
      return wallMs >= during.sinceMs && wallMs < during.untilMs;
    });
    return those.length === 0 ? undefined : passageText(those);
  }

  /** Passages near each other are often looked at one after the other. */
  #pack(
    { pack: row, firstLine, lines }: Place,
    { matcher, during }: { readonly matcher: PassageMatcher; readonly during: SearchQuery["during"] },
  ): OpenedPack {
    if (this.#opened?.row === row && this.#opened.matcher === matcher) return this.#opened;
    const bytes = this.#sql.pack.get(row) as Uint8Array | undefined;
    const opened = bytes === undefined ? undefined : openPassage(bytes);
    const isOnePassage = firstLine === 0 && lines === opened?.count && during === undefined;
    const isNeedless = opened === undefined || matcher.isSurelyNotIn(opened);
    this.#opened = { row, matcher, opened, isNeedless, isOnePassage };
    return this.#opened;
  }

  #show({ candidate, kind, passage, score }: Found, matcher: PassageMatcher): readonly SearchHit[] {
    try {
      const shown = matcher.match(passage);
      if (shown === undefined) return [];
      const { sessionId, recordingId, session, title } = candidate;
      return [
        {
          sessionId,
          recordingId: hitRecordingId(recordingId),
          title: title ?? (this.#sql.name.get(session) as string | undefined) ?? "",
          timeNs: shown.timeNs,
          snippet: shown.snippet,
          matches: shown.matches,
          kind,
          score,
        },
      ];
    } catch (error) {
      throw asStoreError(error, this.#database.name);
    }
  }
}

interface OpenedPack {
  readonly row: number;
  /** Of the question: several may be asked at a time. */
  readonly matcher: PassageMatcher;
  readonly opened: OpenedPassage | undefined;
  readonly isNeedless: boolean;
  /** All of it is one passage that is meant. */
  readonly isOnePassage: boolean;
}

interface PageOptions {
  readonly match: string | undefined;
  /** Rows below this one, so many of them. */
  readonly before: number;
  readonly size: number;
  /** Of this text only. */
  readonly text: number | undefined;
  readonly isMeant: (candidate: Candidate) => boolean;
}

interface CommandRow {
  readonly number: number;
  readonly line: string;
  readonly cwd: string | null;
  readonly startNs: number;
  readonly exitStatus: number | null;
}

const OF_TEXTS = `cross join index_recordings r on r.row = t.recording and r.text = t.row
  cross join index_sessions s on s.row = r.session`;
/** In this order: the newest candidates come first, and one comes after the other. */
const IN_TEXT = `cross join index_texts t on t.row = c.text ${OF_TEXTS}`;
const OF_TEXT = `s.row as session, s.is_deleted as isDeleted, s.id as sessionId, r.id as recordingId,
  coalesce(r.title, nullif(r.text_title, '')) as title, r.start_ms as startMs`;

interface RowSource {
  /** The table that goes with the grams, and what its rows belong to. */
  readonly head: string;
  readonly rest: string;
  readonly grams: string;
  readonly columns: string;
  readonly row: string;
}

/** Where rows of each kind stand. */
const SOURCES: Readonly<Record<Exclude<HitKind, "screen">, RowSource>> = {
  command: {
    head: "index_blocks c",
    rest: IN_TEXT,
    grams: "index_block_grams",
    columns: `${OF_TEXT}, 0 as first, 0 as last`,
    row: "c.row",
  },
  session: {
    head: "index_sessions s",
    rest: "",
    grams: "index_session_grams",
    columns: `s.row as session, s.is_deleted as isDeleted, s.id as sessionId, null as recordingId, null as title,
      s.created_ms as startMs, s.created_ms as first, s.active_ms as last`,
    row: "s.row",
  },
};

/** Questions for the grams that between them give every candidate once; undefined where there is nothing to ask for. */
function matchesOf(query: SearchQuery): readonly (string | undefined)[] {
  const match = matchOf(query);
  const terms = query.none.map(({ text }) => fold(text).trim()).filter((term) => term !== "");
  if (match === undefined || terms.length === 0) return [match];
  // Those first that surely have nothing of what is not to be there: most are found among them.
  const none = terms.map((term) => `(${allOf(gramsOfTerm(term))})`).join(" OR ");
  return [`(${match}) NOT (${none})`, `(${match}) AND (${none})`];
}

function matchOf({ all, pattern, isFuzzy = false }: SearchQuery): string | undefined {
  const parts: string[] = [];
  for (const { text } of all) {
    const term = fold(text).trim();
    const near = isFuzzy ? fuzzyGrams(term) : [];
    if (near.length > 0) parts.push(`(${twoOf(near)})`);
    else if (term !== "") parts.push(allOf(gramsOfTerm(term)));
  }
  for (const literal of pattern === undefined ? [] : regexLiterals(pattern)) parts.push(allOf(gramsOfTerm(literal)));
  return parts.length === 0 ? undefined : parts.join(" AND ");
}

/** One of each. */
function allOf(grams: readonly (readonly string[])[]): string {
  return grams.map((tokens) => `(${anyOf(tokens)})`).join(" AND ");
}

/** One of at least two of them: both in one half, or one in each. */
function twoOf(grams: readonly (readonly string[])[]): string {
  if (grams.length === 2) return allOf(grams);
  const [first, rest] = [grams.slice(0, grams.length >> 1), grams.slice(grams.length >> 1)];
  const within = [first, rest].filter((half) => half.length > 1).map((half) => `(${twoOf(half)})`);
  return [...within, `(${allOf([first.flat(), rest.flat()])})`].join(" OR ");
}

/** Tokens have no quotes in them. */
function anyOf(tokens: readonly string[]): string {
  return tokens.map((token) => `"${token}"`).join(" OR ");
}

function isInTime(kind: HitKind, { startMs, first, last }: Candidate, { during }: SearchQuery): boolean {
  if (during === undefined || kind === "command") return true;
  const [from, to] = kind === "session" ? [first, last] : [startMs + first / NS_PER_MS, startMs + last / NS_PER_MS];
  return from < during.untilMs && to >= during.sinceMs;
}
