// Text as it is searched: letters' case, compatibility forms and white space made the same, with a way back to where it came from.
//
// What is folded together is a character with the marks behind it, and the parts of a Korean syllable: nothing else has to do with what
// stands beside it. "e" with an accent is another character than "e".

/** Folded text, and where it was. */
export interface FoldedText {
  readonly text: string;
  /** For each unit of `text`, and for its end, the unit of the original where what it was folded from begins. Never decreases. */
  readonly starts: ArrayLike<number>;
}

/** White space and controls: what is anything but one blank. */
const WHITE = "\\s\\u0000-\\u001f\\u007f-\\u009f";
const UNEVEN_WHITE = new RegExp(`[${WHITE}]{2,}|[^\\S ]|[\\u0000-\\u001f\\u007f-\\u009f]`, "gu");
const ANY_WHITE = new RegExp(`[${WHITE}]+`, "gu");
/** Korean letters that make a syllable, a character with marks (those of half-width Japanese are letters), any other beyond ASCII. */
const CLUSTER = /[\u1100-\u115f]+[\u1160-\u11a7]*[\u11a8-\u11ff]*|[\s\S][\p{M}\uff9e\uff9f]+|[^\u0000-\u007f]/gu;
/** All that the clusters are in that are more than a character of ASCII: found quickly. */
const BEYOND_ASCII = /[\u0000-\u007f]?[^\u0000-\u007f]+/g;
/** Text whose folding is its lower case and its blanks as one: ASCII, what {@link STAYS}, a few signs. */
const PLAIN =
  /^[\u0000-\u007f\u2022\u2190-\u2193\u2500-\u25ff\u2713-\u2718\u3041-\u3094\u30a1-\u30f4\u4e00-\u9fff\uac00-\ud7a3]*$/;
/** Characters that are folded to themselves, and most text that is not ASCII is of: common Chinese, Japanese, Korean, lines and blocks. */
const STAYS = /^[\u2500-\u259f\u3041-\u3094\u30a1-\u30f4\u4e00-\u9fff\uac00-\ud7a3]$/;

/** Remembered, as texts are made of few characters. */
const MAX_REMEMBERED = 20_000;
const remembered = new Map<string, string>();

/** The text as it is searched: lower case, compatibility forms (NFKC) as the plain ones, any run of white space as one blank. */
export function fold(text: string): string {
  const letters = PLAIN.test(text) ? text.toLowerCase() : text.replace(BEYOND_ASCII, foldRun).toLowerCase();
  return letters.replace(UNEVEN_WHITE, " ");
}

/** Whether folding the text changes nothing in it but letters' case and white space. */
export function isPlainText(text: string): boolean {
  return PLAIN.test(text);
}

/** As {@link fold}, with the way back. */
export function foldWithStarts(text: string): FoldedText {
  const { letters, starts } = foldLetters(text);
  let folded = "";
  const kept: number[] = [];
  let from = 0;
  const keep = (to: number) => {
    folded += letters.slice(from, to);
    for (let at = from; at < to; at++) kept.push(starts[at] ?? 0);
  };
  for (const match of letters.matchAll(ANY_WHITE)) {
    keep(match.index);
    folded += " ";
    kept.push(starts[match.index] ?? 0);
    from = match.index + match[0].length;
  }
  keep(letters.length);
  kept.push(text.length);
  return { text: folded, starts: kept };
}

/** Where in the original a part of the folded text was: its start and end. Characters are taken whole. */
export function originalSpan({ starts }: FoldedText, start: number, end: number): readonly [number, number] {
  const first = starts[start] ?? 0;
  const last = starts[end - 1] ?? first;
  let at = end;
  while (at < starts.length - 1 && starts[at] === last) at++;
  return [first, starts[at] ?? last];
}

function foldLetters(text: string): { readonly letters: string; readonly starts: readonly number[] } {
  const starts: number[] = [];
  let letters = "";
  let from = 0;
  const keep = (to: number) => {
    letters += text.slice(from, to).toLowerCase();
    for (let at = from; at < to; at++) starts.push(at);
  };
  for (const match of text.matchAll(CLUSTER)) {
    keep(match.index);
    const folded = foldCluster(match[0]);
    letters += folded;
    for (let at = 0; at < folded.length; at++) starts.push(match.index);
    from = match.index + match[0].length;
  }
  keep(text.length);
  return { letters, starts };
}

function foldRun(run: string): string {
  return run.replace(CLUSTER, foldCluster);
}

function foldCluster(cluster: string): string {
  if (cluster.length === 1 && STAYS.test(cluster)) return cluster;
  const known = remembered.get(cluster);
  if (known !== undefined) return known;
  const whole = cluster.replace(/\p{Cs}/gu, "\ufffd"); // UTF-8 has no halves of pairs
  // Upper case first: there are letters of two lower cases, as the Greek sigma.
  const folded = whole.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
  if (cluster.length <= 8) {
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(cluster, folded);
  }
  return folded;
}
