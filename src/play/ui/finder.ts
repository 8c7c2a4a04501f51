// Searching from the keyboard: as one types, then from hit to hit.
import { visibleText } from "../../terminal/index.js";
import type { Player } from "../player.js";
import { parsePattern } from "../text-pattern.js";
import type { TextPattern, TextSearch } from "../text-search.js";

/** What a finder needs. */
export interface FinderOptions {
  readonly player: Player;
  readonly search: TextSearch | undefined;
  /** How the search goes: a mistake in the pattern, no hit, how far it is. Safe to print; empty where nothing is to be said. */
  readonly onNote: (note: string) => void;
}

/** How things stood when a search began to be typed. */
interface Beginning {
  /** Where one is when the commands before it are obeyed. */
  readonly events: Promise<number>;
  readonly position: number;
  readonly wasPlaying: boolean;
  readonly direction: 1 | -1;
  readonly pattern: TextPattern | undefined;
}

/** One search for one hit. */
interface Errand {
  readonly pattern: TextPattern;
  readonly from: Promise<number>;
  readonly direction: 1 | -1;
  readonly inclusive: boolean;
  readonly signal: AbortSignal;
}

/** Finds text in a recording and goes there. Playing pauses at a hit. */
export class Finder {
  readonly #options: FinderOptions;
  #pattern: TextPattern | undefined;
  #direction: 1 | -1 = 1;
  #beginning: Beginning | undefined;
  #isMistaken = false;
  #note = "";
  #abort = new AbortController();
  /** Hits are gone to one after another, however fast the keys come. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: FinderOptions) {
    this.#options = options;
  }

  /** What is looked for. */
  get pattern(): TextPattern | undefined {
    return this.#pattern;
  }

  /** What is being typed is no pattern: it has been said why. */
  get isMistaken(): boolean {
    return this.#isMistaken;
  }

  /** A search begins here: playing waits until it is entered or left. False: nothing can be searched. */
  begin(direction: 1 | -1): boolean {
    const { player, search } = this.#options;
    if (search === undefined) {
      this.#say("this recording cannot be searched");
      return false;
    }
    const { position, state } = player;
    const events = this.#standing();
    const before = { direction: this.#direction, pattern: this.#pattern };
    this.#beginning = { events, position, wasPlaying: state === "playing", ...before };
    this.#direction = direction;
    return true;
  }

  /** The pattern as typed so far: its nearest hit from where the search began. */
  type(text: string): void {
    const signal = this.#restart();
    const from = this.#beginning?.events ?? this.#standing();
    this.#pattern = text === "" ? undefined : this.#parse(text);
    if (text === "") this.#return();
    if (this.#pattern === undefined) return;
    const errand = { pattern: this.#pattern, from, direction: this.#direction, inclusive: true, signal };
    this.#work = this.#go(errand);
  }

  /** Keeps what was found. Where nothing was typed the pattern before is searched. */
  enter(): void {
    const before = this.#beginning;
    this.#beginning = undefined;
    if (this.#pattern !== undefined && this.#pattern !== before?.pattern) {
      this.#say(this.#note); // the prompt that showed it is gone
      return;
    }
    this.#pattern = before?.pattern;
    this.next(1);
  }

  /** As if nothing had been searched. */
  leave(): void {
    const before = this.#beginning;
    this.#restart();
    this.#return();
    this.#beginning = undefined;
    this.#pattern = before?.pattern;
    this.#direction = before?.direction ?? 1;
    if (before?.wasPlaying === true) void this.#options.player.play();
  }

  /** Goes to the first hit from where one is, as if it had been searched by a key. */
  find(pattern: TextPattern): void {
    const signal = this.#restart();
    this.#pattern = pattern;
    this.#direction = 1;
    this.#work = this.#go({ pattern, from: this.#standing(), direction: 1, inclusive: true, signal });
  }

  /** The next hit in the direction of the search (1), or against it (-1). */
  next(sense: 1 | -1): void {
    const pattern = this.#pattern;
    if (pattern === undefined) {
      this.#say("nothing is searched: / searches");
      return;
    }
    const { signal } = this.#abort;
    const direction = this.#direction === sense ? 1 : -1;
    const go = () => this.#go({ pattern, from: this.#standing(), direction, inclusive: false, signal });
    this.#work = this.#work.then(go);
  }

  /** Hits are no longer looked for. */
  forget(): void {
    this.#restart();
    this.#pattern = undefined;
  }

  /** Pauses, and gives the events behind which the player then stands: commands that were given before are obeyed first. */
  async #standing(): Promise<number> {
    const { player } = this.#options;
    await player.pause();
    return player.events;
  }

  #restart(): AbortSignal {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#isMistaken = false;
    this.#say("");
    return this.#abort.signal;
  }

  #return(): void {
    const before = this.#beginning;
    if (before !== undefined) void this.#options.player.seek({ time: before.position });
  }

  #parse(text: string): TextPattern | undefined {
    try {
      return parsePattern(text);
    } catch (error) {
      this.#isMistaken = true;
      this.#complain(error);
      return undefined;
    }
  }

  async #go({ pattern, signal, ...errand }: Errand): Promise<void> {
    const { search, player } = this.#options;
    const from = await errand.from;
    const onProgress = (share: number) => {
      if (!signal.aborted) this.#say(`searching, ${Math.floor(share * 100)} %`);
    };
    try {
      const hit = signal.aborted ? undefined : await search?.find(pattern, { ...errand, from, signal, onProgress });
      if (signal.aborted) return;
      this.#say(hit === undefined ? missText(from, errand.direction) : "");
      if (hit !== undefined) await player.seek({ events: hit.events });
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    this.#say(visibleText(error instanceof Error ? error.message : String(error)));
  }

  #say(note: string): void {
    this.#note = note;
    this.#options.onNote(note);
  }
}

/** There may be hits on the other side. */
function missText(from: number, direction: 1 | -1): string {
  if (direction === -1) return "no earlier hit";
  return from === 0 ? "no hit" : "no later hit";
}
