// Sessions as a list to choose from shows them.
import type { SessionInfo } from "../../session/index.js";
import { visibleText } from "../../terminal/index.js";
import { shownIdLength } from "../session-table.js";
import type { ListedItem } from "./session-list.js";

/** The items of a list, in the order of the sessions. */
export function listItems(sessions: readonly SessionInfo[], currentId: string | undefined): readonly ListedItem[] {
  const length = shownIdLength(sessions.map(({ id }) => id));
  return sessions.map((session) => ({
    id: session.id,
    name: visibleText(session.name, { maxLength: 100 }),
    about: visibleText(aboutSession(session, length), { maxLength: 500 }),
    isCurrent: session.id === currentId,
  }));
}

/** Not yet safe to print. */
function aboutSession({ id, live, agent, config }: SessionInfo, idLength: number): string {
  const facts = [
    id.slice(0, idLength),
    live === undefined ? undefined : `${live.cols}x${live.rows}`,
    live !== undefined && live.clients > 0 ? `${live.clients} attached` : undefined,
    agent === undefined ? undefined : `agent ${agent}`,
    live?.commandLine ?? live?.cwd ?? config.command,
  ];
  return facts.filter((fact) => fact !== undefined).join("  ");
}
