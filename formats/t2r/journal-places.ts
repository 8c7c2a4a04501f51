// Whether a journal belongs to the blocks beside it: where it takes up, and what of it follows them.
import type { Event } from "../../src/core/index.js";
import { equalBytes } from "./frame.js";
import type { Journal } from "./journal.js";
import { JOURNAL_BLOCKS } from "./layout.js";

/** Why a journal is not good for what follows so many events; undefined where nothing is wrong. */
export function journalProblem(
  { chain, eventsBefore, events, damagedAt }: Journal,
  following: readonly Event[] | undefined,
  eventsRead: number,
): string | undefined {
  if (chain === undefined) {
    // A recorder that died while it began its journal anew had all that was in the old one in blocks.
    return eventsBefore + events.length > eventsRead ? "the head of the journal is damaged" : undefined;
  }
  if (following === undefined && eventsBefore > eventsRead) {
    return `the journal takes up behind event ${eventsBefore}, which is not here`;
  }
  return following === undefined || damagedAt === undefined
    ? undefined
    : `the journal is damaged at its byte ${damagedAt}`;
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

  /** The journal's events behind the `events` that were read, up to `time`; undefined where it is another recording's. */
  following(journal: Journal, events: number, time: number): readonly Event[] | undefined {
    const place = this.#places.find(({ chain }) => journal.chain !== undefined && equalBytes(chain, journal.chain));
    const following = place === undefined ? undefined : journal.events.slice(events - place.events);
    return (following?.[0]?.time ?? time) < time ? undefined : following;
  }
}
