// Which sessions a filter means, in SQL. Everything that is asked for goes in as a parameter.
import { fold } from "../search/fold.js";
import type { SessionFilter } from "../search/search.js";
import type { SessionSort } from "../store-index.js";

/** Conditions on `index_sessions s`, and their parameters in order. */
export interface SqlCondition {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

/** Columns of index_sessions by what they sort. */
export const SORT_COLUMNS: Readonly<Record<SessionSort, string>> = {
  created: "created_ms",
  activity: "active_ms",
  name: "name_folded",
  duration: "duration_ns",
  size: "stored_bytes",
};

/**
 * All that a filter says. `commandSessions`: rows of the sessions that ran a command whose line has what `filter.command` says.
 */
export function conditionOf(filter: SessionFilter, commandSessions: readonly number[]): SqlCondition {
  const parts: string[] = [];
  const parameters: (string | number)[] = [];
  const add = (sql: string, ...values: readonly (string | number)[]) => {
    parts.push(sql);
    parameters.push(...values);
  };
  const { ids, name, title, sinceMs, untilMs, tags, statuses, command, agent, host, user, longerThanNs } = filter;
  if (filter.isDeleted === undefined) add("s.is_deleted in (0, 1)");
  else add("s.is_deleted = ?", filter.isDeleted ? 1 : 0);
  if (ids !== undefined) add("s.id in (select value from json_each(?))", JSON.stringify(ids));
  if (name !== undefined) add("s.name = ?", name);
  if (title !== undefined) {
    const words = fold(title).trim();
    add(
      "(instr(s.name_folded, ?) > 0 or s.row in (select session from index_recordings where instr(title_folded, ?) > 0))",
      words,
      words,
    );
  }
  if (sinceMs !== undefined) add("s.created_ms >= ?", sinceMs);
  if (untilMs !== undefined) add("s.created_ms < ?", untilMs);
  for (const tag of tags ?? []) add("s.row in (select session from index_tags where tag = ?)", tag);
  if (statuses !== undefined) add("s.status in (select value from json_each(?))", JSON.stringify(statuses));
  if (command !== undefined) {
    add(
      "(instr(s.command, ?) > 0 or s.row in (select value from json_each(?)))",
      fold(command).trim(),
      JSON.stringify(commandSessions),
    );
  }
  if (agent !== undefined) add("s.agent = ?", agent);
  if (host !== undefined) add("s.host = ?", host);
  if (user !== undefined) add("s.user = ?", user);
  if (filter.isFailed !== undefined) add("s.is_failed = ?", filter.isFailed ? 1 : 0);
  if (longerThanNs !== undefined) add("s.duration_ns > ?", longerThanNs);
  return { sql: parts.join(" and "), parameters };
}

/** Whether the filter leaves out anything beside what is, or is not, in the trash. */
export function isNarrow(filter: SessionFilter): boolean {
  return Object.entries(filter).some(([key, value]) => key !== "isDeleted" && value !== undefined);
}
