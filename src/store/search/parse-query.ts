// What is written behind `t2a search`: words, "phrases", beginnings*, -not, field:value.
import { UsageError } from "../../core/index.js";
import { SESSION_STATUSES } from "../session-words.js";
import { HIT_KINDS, type HitKind, type SearchQuery, type SearchTerm, type SessionFilter } from "./search.js";
import { parseTime, parseTimes } from "./search-times.js";

/** What the text is understood by. */
export interface ParseQueryOptions {
  /** The user's home folder: what `~` stands for. */
  readonly home: string;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** A question, and the sessions that it names, which whoever asks is to look up. */
export interface ParsedQuery {
  readonly query: SearchQuery;
  /** As they are written behind `session:`; none: all sessions are meant. */
  readonly references: readonly string[];
}

/** UTF-16 units of a question. */
const MAX_UNITS = 4096;
/** Things that are looked for at once. */
const MAX_TERMS = 64;

interface Asked {
  readonly all: SearchTerm[];
  readonly none: SearchTerm[];
  readonly kinds: HitKind[];
  readonly tags: string[];
  readonly statuses: string[];
  readonly references: string[];
  readonly recordings: string[];
  readonly single: Map<string, unknown>;
  readonly options: ParseQueryOptions;
}

/** By its name, what a field's value does. */
const FIELDS: Readonly<Record<string, (asked: Asked, value: string, field: string) => void>> = {
  title: once,
  name: once,
  host: once,
  agent: once,
  user: once,
  command: once,
  tag: ({ tags }, value) => void tags.push(value),
  status: ({ statuses }, value) => void statuses.push(oneOf(value, SESSION_STATUSES, "status")),
  kind: ({ kinds }, value) => void kinds.push(oneOf(value, HIT_KINDS, "kind")),
  session: ({ references }, value) => void references.push(value),
  id: ({ references }, value) => void references.push(value),
  recording: ({ recordings }, value) => void recordings.push(recordingId(value)),
  exit: (asked, value, field) => once(asked, exitStatus(value), field),
  cwd: (asked, value, field) =>
    once(
      asked,
      value.replace(/^~(?=\/|$)/, () => asked.options.home),
      field,
    ),
  during: (asked, value, field) => once(asked, parseTimes(value, asked.options.nowMs), field),
  since: (asked, value, field) => once(asked, parseTime(value, asked.options.nowMs), field),
  until: (asked, value, field) => once(asked, parseTime(value, asked.options.nowMs), field),
};

/** A word, a phrase or a field, with what may be in front of it. */
const PART = /(-(?!-|\s|$))?(?:([a-z]+):)?(?:"((?:[^"\\]|\\.)*)(")?|(\S+))/gsu;

/** Parses a question. @throws UsageError that says what to write instead. */
export function parseQuery(text: string, options: ParseQueryOptions): ParsedQuery {
  if (text.length > MAX_UNITS) throw new UsageError(`a search is at most ${MAX_UNITS} characters long`);
  const asked: Asked = {
    ...{ all: [], none: [], kinds: [], tags: [], statuses: [], references: [], recordings: [] },
    single: new Map(),
    options,
  };
  for (const match of text.matchAll(PART)) {
    const [whole, minus, field, quoted, closing, bare] = match;
    const next = text[match.index + whole.length] ?? " ";
    if (quoted !== undefined && (closing === undefined || !/\s/.test(next))) {
      throw new UsageError(
        `a quotation mark in the search is out of place: there are two to a phrase; write \\" for the mark itself`,
      );
    }
    const isNot = minus !== undefined;
    const phrase = quoted?.replace(/\\(.)/gsu, "$1");
    const value = phrase ?? bare ?? "";
    const read = field !== undefined && Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
    if (field !== undefined && read !== undefined && value !== "") {
      if (isNot) throw new UsageError(`-${field}: is not possible: -word leaves out what has a word in it`);
      read(asked, value, field);
    } else if (field !== undefined && !isText(value)) {
      const known = Object.keys(FIELDS).join(", ");
      throw new UsageError(
        `there is no field ${field}: (there are ${known}); write "${field}:${value}" in quotation marks for the text`,
      );
    } else if (phrase !== undefined && field === undefined) {
      addTerm(asked, isNot, { text: phrase, match: "anywhere" });
    } else {
      addTerm(asked, isNot, wordTerm(isNot ? whole.slice(1) : whole));
    }
  }
  return finish(asked);
}

/** `http://x`, `12:30`, `std::string` are no fields, nor is a word that ends with a colon. */
function isText(value: string): boolean {
  return value === "" || /^[/:\\0-9]/.test(value);
}

function wordTerm(word: string): SearchTerm {
  const isPrefix = word.length > 1 && word.endsWith("*");
  return isPrefix ? { text: word.slice(0, -1), match: "prefix" } : { text: word, match: "anywhere" };
}

function addTerm({ all, none }: Asked, isNot: boolean, term: SearchTerm): void {
  if (term.text.trim() === "") return;
  (isNot ? none : all).push(term);
  if (all.length + none.length > MAX_TERMS) throw new UsageError(`a search has at most ${MAX_TERMS} words`);
}

function finish({ all, none, kinds, tags, statuses, references, recordings, single }: Asked): ParsedQuery {
  const { during, exit, cwd, since, until, ...words } = Object.fromEntries(single) as Partial<SearchQuery> &
    Pick<SessionFilter, "title" | "name" | "host" | "agent" | "user" | "command"> & {
      readonly since?: number;
      readonly until?: number;
    };
  const sessions: SessionFilter = {
    ...words,
    ...given("sinceMs", since),
    ...given("untilMs", until),
    ...(tags.length > 0 ? { tags } : {}),
    ...(statuses.length > 0 ? { statuses } : {}),
  };
  const isAnything =
    all.length + tags.length + statuses.length + references.length + recordings.length + single.size > 0;
  if (!isAnything) {
    throw new UsageError(
      none.length > 0
        ? "a search that only leaves out is none: add a word that is to be there"
        : "there is nothing to look for: the search is empty",
    );
  }
  const query: SearchQuery = {
    all,
    none,
    sessions,
    ...given("during", during),
    ...given("exit", exit),
    ...given("cwd", cwd),
    ...(kinds.length > 0 ? { kinds } : {}),
    ...(recordings.length > 0 ? { recordings } : {}),
  };
  return { query, references };
}

function given<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value });
}

function once({ single }: Asked, value: unknown, field: string): void {
  if (single.has(field)) throw new UsageError(`${field}: is there twice: it can be one thing only`);
  single.set(field, value);
}

function oneOf<Word extends string>(value: string, words: readonly Word[], field: string): Word {
  const known = words.find((word) => word === value);
  if (known === undefined) throw new UsageError(`${field}:${value} is none of ${words.join(", ")}`);
  return known;
}

function exitStatus(value: string): { readonly status: number; readonly isNot: boolean } {
  const [, not, digits] = /^(!?)([0-9]{1,10})$/.exec(value) ?? [];
  if (digits === undefined) throw new UsageError(`exit:${value} is no exit status: write exit:0, exit:130 or exit:!0`);
  return { status: Number(digits), isNot: not === "!" };
}

function recordingId(value: string): string {
  const id = value.toUpperCase();
  if (!/^[0-7][0-9A-HJKMNP-TV-Z]{0,25}$/.test(id)) {
    throw new UsageError(`recording:${value} is no id of a recording, nor the beginning of one`);
  }
  return id;
}

/**
 * A regular expression as it is searched by, a line at a time: without capitals letters' case is the same.
 * @throws UsageError where it is none, empty or longer than 1,000 units.
 */
export function parseSearchPattern(text: string): RegExp {
  if (text === "") throw new UsageError("there is nothing to look for: the regular expression is empty");
  if (text.length > 1000) throw new UsageError("the regular expression is longer than 1,000 characters");
  const letters = text.replace(/\\(?:[pPu]\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/gsu, "");
  try {
    return new RegExp(text, /\p{Lu}/u.test(letters) ? "u" : "iu");
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /s, "") : String(error);
    throw new UsageError(`not a regular expression: ${reason}`, { cause: error });
  }
}
