// What a target could not hold, counted while encoding, so that a conversion can say what it lost.

/** The kinds of loss, with the words they are told in: of one and of many. */
export const LOSS_KINDS = {
  input: ["input event", "input events"],
  resize: ["resize event", "resize events"],
  marker: ["marker", "markers"],
  exit: ["exit status", "exit statuses"],
  custom: ["custom event", "custom events"],
  invalidUtf8: ["byte that is not UTF-8", "bytes that are not UTF-8"],
  time: ["rounded time", "rounded times"],
  meta: ["event's meta", "events' meta"],
  header: ["header field", "header fields"],
  signature: ["signature", "signatures"],
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

  /** One line for people (`3 input events, 1 exit status`), empty where nothing was lost. */
  describe(): string {
    return [...this.#counts].map(([kind, count]) => `${count} ${LOSS_KINDS[kind][count === 1 ? 0 : 1]}`).join(", ");
  }
}
