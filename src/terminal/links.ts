// The hyperlinks of a screen, each (id, address) once. The engine's own table searches all lines of a link for each character
// printed: quadratic, 0.1 MB/s with long scrollback. This one only counts up.
import type { EngineLinks } from "./engine-internals.js";

/** A hyperlink (OSC 8). */
export interface Link {
  readonly id: string | undefined;
  readonly uri: string;
}

/** All that a {@link LinkTable} holds. */
export interface LinkTableState {
  /** Number and link, in the order they came. */
  readonly links: readonly (readonly [number, Link])[];
  readonly next: number;
  readonly sweepAt: number;
}

/** Longer addresses are no links: terminals take about 2,083 bytes, and a stream may hold millions of them. */
const MAX_LINK_LENGTH = 4096;
const FIRST_SWEEP = 1024;

/** Interns links by id and address; numbers no longer used are swept, so a stream of new links does not fill the memory. */
export class LinkTable implements EngineLinks {
  readonly #numbers = new Map<string, number>();
  readonly #links = new Map<number, Link>();
  readonly #used: () => ReadonlySet<number>;
  #next = 1;
  #sweepAt = FIRST_SWEEP;

  /** `used` names the links that cells or the pen refer to. */
  constructor(used: () => ReadonlySet<number>) {
    this.#used = used;
  }

  /** The link's number; 0, no link, where it is too long. */
  registerLink(link: Link): number {
    const key = keyOf(link);
    if (key.length > MAX_LINK_LENGTH) return 0;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#links.size >= this.#sweepAt) this.#sweep();
    const number = this.#next++;
    this.#numbers.set(key, number);
    this.#links.set(number, link);
    return number;
  }

  addLineToLink(): void {}

  getLinkData(number: number): Link | undefined {
    return this.#links.get(number);
  }

  /** A copy of the table. */
  all(): ReadonlyMap<number, Link> {
    return new Map(this.#links);
  }

  /** All there is, for {@link restore}. */
  save(): LinkTableState {
    return { links: [...this.#links], next: this.#next, sweepAt: this.#sweepAt };
  }

  /** Becomes the table that was saved. */
  restore({ links, next, sweepAt }: LinkTableState): void {
    this.#numbers.clear();
    this.#links.clear();
    for (const [number, link] of links) {
      this.#numbers.set(keyOf(link), number);
      this.#links.set(number, link);
    }
    this.#next = next;
    this.#sweepAt = sweepAt;
  }

  #sweep(): void {
    const used = this.#used();
    for (const [key, number] of this.#numbers) {
      if (used.has(number)) continue;
      this.#numbers.delete(key);
      this.#links.delete(number);
    }
    this.#sweepAt = Math.max(FIRST_SWEEP, this.#links.size * 2);
  }
}

function keyOf({ id, uri }: Link): string {
  return `${id ?? ""}\0${uri}`;
}
