// The latest of many.

/** What a {@link Latest} knows, as data. */
export interface LatestPart<Item> {
  readonly items: readonly Item[];
  readonly count: number;
}

/** Keeps so many of the last items, and counts all. */
export class Latest<Item> {
  readonly #most: number;
  #items: Item[] = [];
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  take(item: Item): void {
    this.add({ items: [item], count: 1 });
  }

  get count(): number {
    return this.#count;
  }

  /** In the order in which they came. */
  get items(): readonly Item[] {
    return this.#items.slice(-this.#most);
  }

  part(): LatestPart<Item> {
    return { items: this.items, count: this.#count };
  }

  add({ items, count }: LatestPart<Item>): void {
    this.#items.push(...items);
    this.#count += count;
    // Cut now and then: each time would move all of them.
    if (this.#items.length >= 2 * this.#most) this.#items = this.#items.slice(-this.#most);
  }
}
