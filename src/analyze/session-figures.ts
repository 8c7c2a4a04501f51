// How many sessions there were, how long, and when.
import type { AnalyzedSession } from "./analyzer.js";
import { isoTime } from "./command-json.js";
import type { LongSession, SessionFigures } from "./command-report.js";
import { Greatest } from "./greatest.js";

/** Its content, as data. */
export interface SessionsPart {
  readonly recordings: number;
  readonly histories: number;
  readonly withoutCommands: number;
  readonly undated: number;
  readonly totalNs: number;
  readonly first: bigint | undefined;
  readonly last: bigint | undefined;
  readonly longest: readonly LongSession[];
}

const LONGEST = 10;

/** Counts sessions. */
export class SessionCounter {
  #recordings = 0;
  #histories = 0;
  #withoutCommands = 0;
  #undated = 0;
  #totalNs = 0;
  #first: bigint | undefined;
  #last: bigint | undefined;
  readonly #longest = new Greatest<LongSession>(LONGEST, ({ durationNs }) => durationNs);

  /** A session is over. */
  take({ name, header, source }: AnalyzedSession, durationNs: number, commands: number, failed: number): void {
    const began = header.startTime;
    if (began === undefined) this.#undated++;
    this.#span(began, began);
    if (source === "history") {
      this.#histories++;
      return;
    }
    this.#recordings++;
    if (commands === 0) this.#withoutCommands++;
    this.#totalNs += durationNs;
    this.#longest.take({ name, startedAt: isoTime(began, 0), durationNs, commands, failed });
  }

  #span(first: bigint | undefined, last: bigint | undefined): void {
    if (first !== undefined && (this.#first === undefined || first < this.#first)) this.#first = first;
    if (last !== undefined && (this.#last === undefined || last > this.#last)) this.#last = last;
  }

  part(): SessionsPart {
    return {
      recordings: this.#recordings,
      histories: this.#histories,
      withoutCommands: this.#withoutCommands,
      undated: this.#undated,
      totalNs: this.#totalNs,
      first: this.#first,
      last: this.#last,
      longest: this.#longest.items,
    };
  }

  add(part: SessionsPart): void {
    this.#recordings += part.recordings;
    this.#histories += part.histories;
    this.#withoutCommands += part.withoutCommands;
    this.#undated += part.undated;
    this.#totalNs += part.totalNs;
    this.#span(part.first, part.last);
    this.#longest.add(part.longest);
  }

  get figures(): SessionFigures {
    const { first, last, longest, ...counts } = this.part();
    return {
      ...counts,
      averageNs: counts.recordings === 0 ? 0 : Math.round(counts.totalNs / counts.recordings),
      first: isoTime(first, 0),
      last: isoTime(last, 0),
      longest,
    };
  }
}
