// The hyperlinks of a screen, each (id, address) once. The engine's own table searches all lines of a link for each character
// printed: quadratic, 0.1 MB/s with long scrollback. This one only counts up.
import type { EngineLinks } from "./engine-internals.js";

/** A hyperlink (OSC 8). */
export interface Link {
  readonly id: string | undefined;
  readonly uri: string;
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
    const key = `${link.id ?? ""}\0${link.uri}`;
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
