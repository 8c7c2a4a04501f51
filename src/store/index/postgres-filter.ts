// Which sessions a filter means, in PostgreSQL's SQL. Everything that is asked for goes in as a parameter.
import { fold } from "../search/fold.js";
import type { SessionFilter } from "../search/search.js";
import type { SessionSort } from "../store-index.js";
import { escapeText } from "./text-escape.js";

/** Values of a statement, numbered as they come. */
export class SqlValues {
  readonly list: unknown[] = [];

  /** Takes a value and gives its place: `$1`. */
  add(value: unknown): string {
    return `$${this.list.push(value)}`;
  }
}

/** What sorts sessions, by columns of t2a_index_sessions. A name may be too long for an index: its beginning first. */
export const SORT_COLUMNS: Readonly<Record<SessionSort, readonly string[]>> = {
  created: ["created_ms"],
  activity: ["active_ms"],
  name: ["left(name_folded, 256)", "name_folded"],
  duration: ["duration_ns"],
  size: ["stored_bytes"],
};

/**
 * Conditions on `t2a_index_sessions s`. `commandSessions`: rows of the sessions that ran a command whose line has what
 * `filter.command` says.
 */
export function conditionOf(filter: SessionFilter, commandSessions: readonly string[], values: SqlValues): string {
  const parts: string[] = [];
  const { ids, name, title, sinceMs, untilMs, tags, statuses, command, agent, host, user, longerThanNs } = filter;
  const texts = (list: readonly string[]) => `${values.add(list.map(escapeText))}::text[]`;
  const has = (column: string, words: string) => `strpos(${column}, ${values.add(fold(words).trim())}) > 0`;
  const is = (column: string, value: string) => `${column} = ${values.add(escapeText(value))}`;
  // A list of both is what the indexes that begin with it can be used for.
  parts.push(filter.isDeleted === undefined ? "s.is_deleted IN (false, true)" : `s.is_deleted = ${filter.isDeleted}`);
  if (ids !== undefined) parts.push(`s.id = ANY (${texts(ids)})`);
  if (name !== undefined) parts.push(is("s.name", name));
  if (title !== undefined) {
    const ofRecording = `SELECT session FROM t2a_index_recordings WHERE ${has("title_folded", title)}`;
    parts.push(`(${has("s.name_folded", title)} OR s.row IN (${ofRecording}))`);
  }
  if (sinceMs !== undefined) parts.push(`s.created_ms >= ${values.add(sinceMs)}::float8`);
  if (untilMs !== undefined) parts.push(`s.created_ms < ${values.add(untilMs)}::float8`);
  if (tags !== undefined && tags.length > 0) parts.push(`s.tags @> ${texts(tags)}`);
  if (statuses !== undefined) parts.push(`s.status = ANY (${texts(statuses)})`);
  if (command !== undefined) {
    parts.push(`(${has("s.command", command)} OR s.row = ANY (${values.add(commandSessions)}::bigint[]))`);
  }
  if (agent !== undefined) parts.push(is("s.agent", agent));
  if (host !== undefined) parts.push(is("s.host", host));
  if (user !== undefined) parts.push(is(`s."user"`, user));
  if (filter.isFailed !== undefined) parts.push(`s.is_failed = ${filter.isFailed}`);
  if (longerThanNs !== undefined) parts.push(`s.duration_ns > ${values.add(longerThanNs)}::float8`);
  return parts.join(" AND ");
}
