// The few greatest of many.

/** Keeps so many items of the greatest values; among equal ones those that came first. */
export class Greatest<Item> {
  readonly #most: number;
  readonly #rank: (item: Item) => number;
  #items: Item[] = [];

  constructor(most: number, rank: (item: Item) => number) {
    this.#most = most;
    this.#rank = rank;
  }

  /** Whether an item of this value would be kept: making it can be left out. */
  wants(value: number): boolean {
    const last = this.#items[this.#most - 1];
    return last === undefined || value > this.#rank(last);
  }

  take(item: Item): void {
    const value = this.#rank(item);
    if (!this.wants(value)) return;
    let at = this.#items.length;
    while (at > 0 && this.#rank(this.#items[at - 1] as Item) < value) at--;
    this.#items.splice(at, 0, item);
    if (this.#items.length > this.#most) this.#items.pop();
  }

  /** From the greatest down. */
  get items(): readonly Item[] {
    return this.#items;
  }

  add(items: readonly Item[]): void {
    for (const item of items) this.take(item);
  }
}
