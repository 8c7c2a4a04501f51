// A line cut to what is worth showing of it: around the first match.

/** A part of a line. */
export interface Snippet {
  readonly snippet: string;
  /** Where what was found stands in it: pairs of start and length in UTF-16 units, in order, apart from each other. */
  readonly matches: readonly (readonly [number, number])[];
}

/** UTF-16 units of a snippet at most, the signs that something is left out included. */
export const MAX_SNIPPET = 200;
/** Units in front of the first match that are kept where something is left out. */
const LEAD = 40;
const CUT = "…";

/** Cuts a line around the first of the marks: their starts and ends, by start. */
export function cutSnippet(line: string, marks: readonly (readonly [number, number])[]): Snippet {
  let [start, end] = [0, line.length];
  if (end > MAX_SNIPPET) {
    const room = MAX_SNIPPET - 2 * CUT.length;
    start = between(line, Math.max(0, Math.min((marks[0]?.[0] ?? 0) - LEAD, line.length - room)));
    end = between(line, start + room);
  }
  const lead = start > 0 ? CUT : "";
  const matches: [number, number][] = [];
  let last = start;
  for (const [from, to] of marks) {
    const [first, behind] = [Math.max(from, last), Math.min(to, end)];
    if (first >= behind) continue;
    const previous = matches.at(-1);
    const at = first - start + lead.length;
    // What touches is marked as one.
    if (previous !== undefined && previous[0] + previous[1] === at) previous[1] += behind - first;
    else matches.push([at, behind - first]);
    last = behind;
  }
  return { snippet: `${lead}${line.slice(start, end)}${end < line.length ? CUT : ""}`, matches };
}

/** A place that cuts no pair of surrogates. */
function between(line: string, at: number): number {
  return at < line.length && /[\udc00-\udfff]/.test(line[at] ?? "") ? at - 1 : at;
}
