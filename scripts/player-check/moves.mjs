// Where to go in a recording with the player's keys, and where each of them must lead: reckoned from the events alone.
import { randomFrom } from "../corpus/points.mjs";

const FIVE_SECONDS = 5_000_000_000;
const STEPS = 3;

/**
 * Moves that go back and forth: `points` positions that are typed, half of them at an event's time, half anywhere; after some a
 * relative seek, after others steps back and forward. Each has the keys (tmux's names) or the text to type, the events behind which
 * the player must stand then, and its position in nanoseconds. The same for the same seed.
 */
export function planMoves(lib, moments, { points, seed }) {
  const random = randomFrom(seed);
  const walk = new Walk(moments);
  const moves = [];
  const add = (name, keys, place) => moves.push({ name, ...keys, ...place });
  for (let n = 0; n < points; n++) {
    const time =
      n % 2 === 0 ? (moments[Math.floor(random() * moments.length)]?.time ?? 0) : Math.floor(random() * walk.end);
    const text = lib.formatPosition(time);
    add(`g ${text}`, { typed: text }, walk.to(time));
    if (n % 5 === 1) {
      const [key, leap] = walk.leaps[Math.floor(random() * walk.leaps.length)];
      add(key, { key }, leap());
    }
    if (n % 5 !== 3) continue;
    for (let step = 0; step < STEPS; step++) add(",", { key: "," }, walk.back());
    for (let step = 0; step < STEPS; step++) add(".", { key: "." }, walk.forward());
  }
  return moves;
}

/** Where one stands while one walks through a recording. */
class Walk {
  #moments;
  #events = 0;
  #time = 0;

  constructor(moments) {
    this.#moments = moments;
  }

  /** Time of the last event. */
  get end() {
    return this.#moments.at(-1)?.time ?? 0;
  }

  get leaps() {
    return [
      ["Left", () => this.to(this.#time - FIVE_SECONDS)],
      ["Right", () => this.to(this.#time + FIVE_SECONDS)],
      ["{", () => this.to(this.#time - 0.1 * this.end)],
      ["}", () => this.to(this.#time + 0.1 * this.end)],
      ["Home", () => this.to(0)],
      ["End", () => this.to(this.end)],
      ["3", () => this.to(0.3 * this.end)],
    ];
  }

  /** Behind all events up to and at a time. */
  to(time) {
    const place = Math.max(0, Math.round(time));
    const next = this.#moments.findIndex((moment) => moment.time > place);
    this.#events = next === -1 ? this.#moments.length : next;
    this.#time = next === -1 ? this.end : place;
    return this.#place;
  }

  /** Before the last event that changed the screen. */
  back() {
    const last = this.#moments.slice(0, this.#events).findLastIndex(({ isVisible }) => isVisible);
    return this.#behind(Math.max(0, last));
  }

  /** Behind the next event that changes the screen. */
  forward() {
    const next = this.#moments.slice(this.#events).findIndex(({ isVisible }) => isVisible);
    return this.#behind(next === -1 ? this.#moments.length : this.#events + next + 1);
  }

  #behind(events) {
    this.#events = events;
    this.#time = this.#moments[events - 1]?.time ?? 0;
    return this.#place;
  }

  get #place() {
    return { events: this.#events, time: this.#time };
  }
}
