// What verification tells: each problem with its place in the file and, as far as can be said, in the recording.

/** Problems told of at most: a made-up file has one every few bytes. */
export const MAX_PROBLEMS = 1000;

/** Something wrong in a file. Offsets and sizes are bytes, times nanoseconds. */
export interface Problem {
  readonly offset: number;
  /** 0 where something is missing there. */
  readonly size: number;
  readonly reason: string;
  /** The times of the events that are lost, or of the good ones around them, where they are known. */
  readonly startTime?: number;
  readonly endTime?: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The first {@link MAX_PROBLEMS}. */
export class ProblemList {
  #list: Mutable<Problem>[] = [];
  /** Where the problems begin behind which no good block was seen yet. */
  #open = 0;

  get length(): number {
    return this.#list.length;
  }

  get list(): readonly Problem[] {
    return this.#list;
  }

  add({ offset, size }: Pick<Problem, "offset" | "size">, reason: string, times: Partial<Problem> = {}): void {
    if (this.#list.length >= MAX_PROBLEMS) return;
    const { startTime, endTime } = times;
    this.#list.push({
      offset,
      size,
      reason,
      ...(startTime === undefined ? {} : { startTime }),
      ...(endTime === undefined ? {} : { endTime }),
    });
  }

  /** Blocks are missing: gives the damage that is left of them, since the last good block, these times. False without any. */
  isLeftOf(startTime: number, endTime?: number): boolean {
    const open = this.#list.slice(this.#open);
    for (const problem of open) {
      problem.startTime ??= startTime;
      if (endTime !== undefined) problem.endTime ??= endTime;
    }
    return open.length > 0;
  }

  /** A good block: what is damaged before it is no part of what may be missing behind it. */
  pass(): void {
    this.#open = this.#list.length;
  }

  /** Only the first so many are problems. */
  truncate(length: number): void {
    this.#list = this.#list.slice(0, length);
  }
}
