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

/** Sessions that a filter means, in SQL. */
export interface SqlSelection extends SqlCondition {
  /** What to select from; `needsSession`: something else of `s` than the condition speaks of is asked for, too. */
  from(needsSession: boolean): string;
  /** Of each session. */
  readonly columns: { readonly row: string; readonly id: string; readonly created: string };
}

const OF_SESSION = { row: "s.row", id: "s.id", created: "s.created_ms", isDeleted: "s.is_deleted" };
const OF_TAG = { row: "t.session", id: "t.id", created: "t.created_ms", isDeleted: "t.is_deleted" };

/** All that a filter says, on `index_sessions s`; `commandSessions` as {@link selectionOf}. */
export function conditionOf(filter: SessionFilter, commandSessions: readonly number[]): SqlCondition {
  const frame = frameOf(filter, OF_SESSION);
  const others = othersOf(filter, commandSessions, filter.tags ?? []);
  return joined([...frame, ...others]);
}

/**
 * All that a filter says. `commandSessions`: rows of the sessions that ran a command whose line has what `filter.command` says.
 * Where a tag is asked for, it leads: the list of a tag is in order by itself.
 */
export function selectionOf(filter: SessionFilter, commandSessions: readonly number[]): SqlSelection {
  const [tag, ...tags] = filter.tags ?? [];
  const columns = tag === undefined ? OF_SESSION : OF_TAG;
  const others = othersOf(filter, commandSessions, tags);
  const lead = tag === undefined ? [] : [condition("t.tag = ?", tag)];
  return {
    ...joined([...lead, ...frameOf(filter, columns), ...others]),
    columns,
    from: (needsSession) => {
      if (tag === undefined) return "index_sessions s";
      const hasSession = needsSession || others.length > 0;
      return hasSession ? "index_tags t cross join index_sessions s on s.row = t.session" : "index_tags t";
    },
  };
}

function condition(sql: string, ...parameters: readonly (string | number)[]): SqlCondition {
  return { sql, parameters };
}

function joined(conditions: readonly SqlCondition[]): SqlCondition {
  return {
    sql: conditions.map(({ sql }) => sql).join(" and "),
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}

/** What is said of the trash and of time. */
function frameOf({ isDeleted, sinceMs, untilMs }: SessionFilter, columns: typeof OF_SESSION): SqlCondition[] {
  return [
    isDeleted === undefined
      ? condition(`${columns.isDeleted} in (0, 1)`)
      : condition(`${columns.isDeleted} = ?`, isDeleted ? 1 : 0),
    ...(sinceMs === undefined ? [] : [condition(`${columns.created} >= ?`, sinceMs)]),
    ...(untilMs === undefined ? [] : [condition(`${columns.created} < ?`, untilMs)]),
  ];
}

/** All else that is said, of `index_sessions s`. */
function othersOf(
  filter: SessionFilter,
  commandSessions: readonly number[],
  allTags: readonly string[],
): readonly SqlCondition[] {
  const found: SqlCondition[] = [];
  const add = (sql: string, ...values: readonly (string | number)[]) => found.push(condition(sql, ...values));
  const { ids, name, title, statuses, command, agent, host, user, longerThanNs } = filter;
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
  for (const tag of allTags) add("s.row in (select session from index_tags where tag = ?)", tag);
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
  return found;
}

/** Whether the filter leaves out anything beside what is, or is not, in the trash. */
export function isNarrow(filter: SessionFilter): boolean {
  return Object.entries(filter).some(([key, value]) => key !== "isDeleted" && value !== undefined);
}
