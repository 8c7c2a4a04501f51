// Whether a session is meant by a filter, and how sessions are ordered: what an index does for those in a store, for those that are not there yet.
import type { Session, SessionFilter, SessionQuery } from "../store/index.js";

/** Whether the filter means the session. Lines of commands are not known here but for the last one. */
export function isMeant(session: Session, filter: SessionFilter): boolean {
  const created = Date.parse(session.createdAt);
  const { ids, name, title, sinceMs, untilMs, tags, statuses, agent, host, user, longerThanNs, isDeleted } = filter;
  return (
    (ids === undefined || ids.includes(session.id)) &&
    (name === undefined || session.name === name) &&
    (title === undefined || hasTitle(session, title)) &&
    (sinceMs === undefined || created >= sinceMs) &&
    (untilMs === undefined || created < untilMs) &&
    (tags ?? []).every((tag) => session.tags.includes(tag)) &&
    (statuses === undefined || statuses.includes(session.status)) &&
    hasCommand(session, filter.command) &&
    (agent === undefined || session.agent === agent) &&
    (host === undefined || session.host === host) &&
    (user === undefined || session.user === user) &&
    (filter.isFailed === undefined || filter.isFailed === isFailed(session)) &&
    (longerThanNs === undefined || session.stats.durationNs > longerThanNs) &&
    (isDeleted === undefined || isDeleted === (session.deletedAt !== undefined))
  );
}

function hasTitle({ name, recordings }: Session, part: string): boolean {
  const wanted = part.toLowerCase();
  return [name, ...recordings.map(({ title }) => title)].some((text) => text?.toLowerCase().includes(wanted));
}

function hasCommand({ config, lastCommand }: Session, part: string | undefined): boolean {
  if (part === undefined) return true;
  const wanted = part.toLowerCase();
  return [config.command, lastCommand].some((line) => line?.toLowerCase().includes(wanted));
}

function isFailed({ status, exitStatus }: Session): boolean {
  return status === "failed" || (exitStatus !== undefined && exitStatus !== 0);
}

/** How a query orders. */
export function compareSessions({ sort = "created", isAscending = false }: SessionQuery) {
  const sign = isAscending ? 1 : -1;
  return (one: Session, other: Session): number => {
    const a = keyOf(one, sort);
    const b = keyOf(other, sort);
    if (a !== b) return a < b ? -sign : sign;
    return one.id < other.id ? -sign : Number(one.id > other.id) * sign;
  };
}

function keyOf(session: Session, sort: NonNullable<SessionQuery["sort"]>): string | number {
  switch (sort) {
    case "created":
      return Date.parse(session.createdAt);
    case "activity":
      return Date.parse(session.lastActivityAt);
    case "name":
      return session.name.toLowerCase();
    case "duration":
      return session.stats.durationNs;
    case "size":
      return session.stats.storedBytes;
  }
}
