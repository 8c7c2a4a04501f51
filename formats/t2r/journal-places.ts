// Whether a journal belongs to the blocks beside it: where it takes up, and what of it follows them.
import { equalBytes } from "./frame.js";
import type { Journal, JournalRun } from "./journal.js";
import { JOURNAL_BLOCKS } from "./layout.js";

/** What a journal has behind the events that were read. */
export interface Following extends JournalRun {
  /** What is whole behind damage. */
  readonly later: readonly JournalRun[];
  /** Where in the journal the damage begins. */
  readonly damagedAt?: number;
}

/** What a journal has from the event of that number on, none earlier than `time`; undefined where times run backwards. */
export function journalFrom(journal: Journal, event: number, time: number): Following | undefined {
  const { eventsBefore, events, later, damagedAt } = journal;
  const runs = [{ firstEvent: eventsBefore, events }, ...later]
    .map((run) => ({
      firstEvent: Math.max(run.firstEvent, event),
      events: run.events.slice(Math.max(0, event - run.firstEvent)),
    }))
    .filter((run) => run.events.length > 0);
  const inOrder = runs.reduce((last, run) => ((run.events[0]?.time ?? 0) < last ? Number.NaN : endTime(run)), time);
  if (Number.isNaN(inOrder)) return undefined;
  const [first, ...rest] = runs;
  const behind = first?.firstEvent === event ? rest : runs;
  return {
    firstEvent: event,
    events: first?.firstEvent === event ? first.events : [],
    later: behind,
    // Damage in what blocks hold as well is none.
    ...(behind.length === 0 || damagedAt === undefined ? {} : { damagedAt }),
  };
}

function endTime({ events }: JournalRun): number {
  return events.at(-1)?.time ?? 0;
}

/** Why a journal is not good for what follows so many events; undefined where nothing is wrong. */
export function journalProblem(
  { chain, eventsBefore, events }: Journal,
  following: Following | undefined,
  eventsRead: number,
): string | undefined {
  if (chain === undefined) {
    // A recorder that died while it began its journal anew had all that was in the old one in blocks.
    return eventsBefore + events.length > eventsRead ? "the head of the journal is damaged" : undefined;
  }
  if (following === undefined && eventsBefore > eventsRead) {
    return `the journal takes up behind event ${eventsBefore}, which is not here`;
  }
  return following?.damagedAt === undefined ? undefined : `the journal is damaged at its byte ${following.damagedAt}`;
}

/** Where a journal may take up in what was read of its recording: behind the header, or behind one of the last blocks. */
export class JournalPlaces {
  #places: { readonly chain: Uint8Array; readonly events: number }[] = [];

  /** A place, with the recording's chain there and the events read before it. */
  add(chain: Uint8Array, events: number): void {
    this.#places.push({ chain, events });
    if (this.#places.length > 2 * JOURNAL_BLOCKS) this.#places.shift();
  }

  copy(): JournalPlaces {
    const copy = new JournalPlaces();
    copy.#places = [...this.#places];
    return copy;
  }

  /** The last one first. */
  get chains(): readonly Uint8Array[] {
    return this.#places.map(({ chain }) => chain).reverse();
  }

  /** Something is lost: no journal takes up before it. */
  clear(): void {
    this.#places = [];
  }

  /** What a journal has behind the `events` that were read, up to `time`; undefined where it is another recording's. */
  following(journal: Journal, events: number, time: number): Following | undefined {
    const place = this.#places.find(({ chain }) => journal.chain !== undefined && equalBytes(chain, journal.chain));
    if (place === undefined) return undefined;
    return journalFrom(journal, journal.eventsBefore + events - place.events, time);
  }
}
