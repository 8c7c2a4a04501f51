// Screens of one stream: at each point the live one is saved and dumped, the copies made of that must equal it, and must go on
// to equal it: those of saved states at every later point and at the end, those of dumps at the next point and at the end,
// because comparing all that can be seen takes longer.
import { choosePoints, cutOffset } from "./points.mjs";

const { compare } = Buffer;

/** All that can be seen of a screen, links by their address, as text. */
function visible(screen) {
  const { lines, links, ...rest } = screen.snapshot();
  const addresses = new Map([...links].map(([number, { id, uri }]) => [number, `${id ?? ""};${uri}`]));
  const row = (line) =>
    line
      .cells()
      .map(({ chars, width, fg, bg, attrs, underline, underlineColor, link }) =>
        [chars, width, fg, bg, attrs, underline, underlineColor, addresses.get(link) ?? ""].join(","),
      )
      .join("|") + (line.wrapped ? "+" : "");
  const rows = [...lines, ...screen.normalLines()].map(row);
  return `${JSON.stringify({ ...rest, margins: screen.margins })}\n${rows.join("\n")}`;
}

/** Follows one stream. `tell(check, isEqual, where)` is called for every comparison. */
export class ScreenCheck {
  #tell;
  #Screen;
  #live;
  #boundaries;
  #cuts;
  #copies = [];
  #event = 0;
  #points = 0;
  #output = 0;

  constructor({ Screen }, { cols, rows }, { points, events, outputBytes, random, tell }) {
    this.#Screen = Screen;
    this.#tell = tell;
    this.#live = new Screen({ cols, rows });
    ({ boundaries: this.#boundaries, cuts: this.#cuts } = choosePoints({ points, events, outputBytes, random }));
  }

  event(event) {
    if (this.#boundaries.has(this.#event)) this.#point(`before event ${this.#event}`);
    if (event.kind === "output") this.#feed(event.data);
    else if (event.kind === "resize") for (const screen of this.#all()) screen.resize(event.cols, event.rows);
    this.#event++;
  }

  end() {
    if (this.#boundaries.has(this.#event)) this.#point("at the end");
    this.#compareCopies("at the end", { isEnd: true });
    for (const screen of this.#all()) screen.dispose();
  }

  #all() {
    return [this.#live, ...this.#copies.map(({ screen }) => screen)];
  }

  /** The event in pieces, a point between any two: all screens take the same pieces, because a screen may depend on them. */
  #feed(data) {
    const offsets = new Set();
    while (this.#cuts.length > 0 && this.#cuts[0].at < this.#output + data.length) {
      const cut = this.#cuts.shift();
      offsets.add(cutOffset(data, cut.at - this.#output, cut));
    }
    let from = 0;
    for (const to of [...offsets].sort((a, b) => a - b)) {
      for (const screen of this.#all()) screen.feed(data.subarray(from, to));
      this.#point(`in event ${this.#event}, behind byte ${to} of ${data.length}`);
      from = to;
    }
    for (const screen of this.#all()) screen.feed(data.subarray(from));
    this.#output += data.length;
  }

  #point(where) {
    this.#compareCopies(where);
    const saved = this.#live.saveState();
    const restored = this.#Screen.fromState(saved);
    this.#points++;
    this.#start({ kind: "state", screen: restored, from: where }, compare(restored.saveState(), saved) === 0);
    const { cols, rows } = this.#live;
    const dumped = new this.#Screen({ cols, rows });
    const dump = this.#live.dump();
    const exact = this.#live.isExactDump(dump);
    dumped.feed(dump);
    this.#tell("dump says it is exact", exact, where);
    if (exact)
      this.#start(
        { kind: "dump", screen: dumped, from: where, nextPoint: this.#points },
        visible(dumped) === visible(this.#live),
      );
    else dumped.dispose();
  }

  #start(copy, isEqual) {
    this.#tell(`${copy.kind}, at once`, isEqual, copy.from);
    if (isEqual) this.#copies.push(copy);
    else copy.screen.dispose();
  }

  /** A copy that differs is told of once. */
  #compareCopies(where, { isEnd = false } = {}) {
    const saved = this.#live.saveState();
    let seen;
    this.#copies = this.#copies.filter(({ kind, screen, from, nextPoint }) => {
      if (kind === "dump" && !isEnd && nextPoint !== this.#points) return true;
      if (kind === "dump") seen ??= visible(this.#live);
      const isEqual = kind === "state" ? compare(screen.saveState(), saved) === 0 : visible(screen) === seen;
      this.#tell(`${kind}, later`, isEqual, `${from}, compared ${where}`);
      if (!isEqual) screen.dispose();
      return isEqual;
    });
  }
}
