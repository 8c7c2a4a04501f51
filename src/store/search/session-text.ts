// What a session says of itself, as text to be searched.
import type { Session } from "../session.js";
import type { ShownLine } from "./search.js";

/** A line each: name, titles, tags, agent, purpose, command, folder, host, user, last command, error. */
export function sessionLines(session: Session): readonly ShownLine[] {
  const { name, recordings, tags, agent, purpose, config, host, user, lastCommand, error } = session;
  const titles = new Set(recordings.map(({ title }) => title));
  const command = config.command ?? undefined;
  const texts = [name, ...titles, ...tags, agent, purpose, command, config.cwd, host, user, lastCommand, error];
  const known = texts.filter((text) => text !== undefined && text !== "") as string[];
  return known.map((text) => ({ timeNs: 0, text: text.slice(0, MAX_LINE) }));
}

/** UTF-16 units of one of them that are searched. */
const MAX_LINE = 16 * 1024;

/** `NAME=value` before a command, the value plain or in quotation marks. */
const ASSIGNMENT = /^[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|[^\s"'])*\s+/;
/** A longer command is not looked at beyond this, UTF-16 units. */
const MAX_COMMAND = 4096;

/** The program of a session: the first word of its command without its folder, else `shell`. */
export function programOf({ config }: Session): string {
  let command = config.command?.slice(0, MAX_COMMAND).trim() ?? "";
  for (let found = ASSIGNMENT.exec(command); found !== null; found = ASSIGNMENT.exec(command)) {
    command = command.slice(found[0].length);
  }
  const word = command.split(/\s+/, 1)[0] ?? "";
  return (word.split("/").at(-1) || word).slice(0, 256) || "shell";
}
