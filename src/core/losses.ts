// What a target could not hold, counted while encoding, so that a conversion can say what it lost.

/** The kinds of loss, with the words they are told in. */
export const LOSS_KINDS = {
  input: "input events",
  resize: "resize events",
  marker: "markers",
  exit: "exit status",
  custom: "custom events",
  invalidUtf8: "bytes that are not UTF-8",
  time: "times rounded",
  meta: "event meta",
  header: "header fields",
} as const;

/** One kind of loss. */
export type LossKind = keyof typeof LOSS_KINDS;

/** Counts per kind; kinds without a loss are absent. */
export type LossTable = Readonly<Partial<Record<LossKind, number>>>;

/** Counts losses. Owned by one encoder. */
export class Losses {
  readonly #counts = new Map<LossKind, number>();

  add(kind: LossKind, count = 1): void {
    if (count > 0) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
  }

  /** The counts so far. */
  table(): LossTable {
    return Object.fromEntries(this.#counts);
  }

  /** One line for people (`3 input events, exit status`), empty where nothing was lost. */
  describe(): string {
    return [...this.#counts]
      .map(([kind, count]) => (kind === "exit" && count === 1 ? LOSS_KINDS.exit : `${count} ${LOSS_KINDS[kind]}`))
      .join(", ");
  }
}
