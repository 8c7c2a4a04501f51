// Where a recording is cut for checking its screens: the same places for the same seed.

/** A generator of numbers in [0, 1) (mulberry32), the same for the same seed text. */
export function randomFrom(seedText) {
  let state = 0x9e3779b9;
  for (let at = 0; at < seedText.length; at++) state = Math.imul(state ^ seedText.charCodeAt(at), 0x85ebca6b);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * So many places: a third between events, a third at any byte of the output, a third (`inside`) behind the first bytes of the next
 * control sequence or character of more than one byte, where there is one in that event.
 */
export function choosePoints({ points, events, outputBytes, random }) {
  const below = (limit) => Math.floor(random() * limit);
  const boundaries = new Set();
  const cuts = [];
  for (let n = 0; n < points; n++) {
    if (n % 3 === 0 || outputBytes === 0) boundaries.add(below(events + 1));
    else cuts.push({ at: below(outputBytes), inside: n % 3 === 2, behind: 1 + below(4) });
  }
  return { boundaries, cuts: cuts.sort((a, b) => a.at - b.at) };
}

/** Where in an event's data to cut for a place that fell on its byte `offset`. */
export function cutOffset(data, offset, { inside, behind }) {
  if (!inside) return offset;
  for (let at = offset; at < data.length; at++) {
    if (data[at] === 0x1b || data[at] >= 0xc0) return Math.min(at + behind, data.length);
  }
  return offset;
}
