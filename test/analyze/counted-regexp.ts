// Regular expressions run step by step, as a backtracking engine runs them, so that tests can count the steps without a clock.

type Node =
  | { readonly kind: "unit"; readonly test: (unit: string) => boolean }
  | { readonly kind: "start" }
  | { readonly kind: "end" }
  | { readonly kind: "border" }
  | { readonly kind: "look"; readonly isBehind: boolean; readonly isNegative: boolean; readonly body: Node }
  | {
      readonly kind: "repeat";
      readonly body: Node;
      readonly min: number;
      readonly max: number;
      readonly isLazy: boolean;
    }
  | { readonly kind: "sequence"; readonly items: readonly Node[] }
  | { readonly kind: "either"; readonly options: readonly Node[] };

/** The tree of a regular expression. Throws at what this parser does not know, so that nothing goes unchecked. */
export function parseRegExp({ source, flags }: RegExp): Node {
  const ignoresCase = flags.includes("i");
  if (/[^gi]/.test(flags)) throw new Error(`flags ${flags} of ${source}`);
  let at = 0;
  const tree = either();
  if (at < source.length) throw new Error(`unit ${at} of ${source}`);
  return tree;

  function either(): Node {
    const options = [sequence()];
    while (source[at] === "|") {
      at++;
      options.push(sequence());
    }
    return options.length === 1 ? (options[0] as Node) : { kind: "either", options };
  }

  function sequence(): Node {
    const items: Node[] = [];
    while (at < source.length && source[at] !== "|" && source[at] !== ")") items.push(repeated(atom()));
    return { kind: "sequence", items };
  }

  function repeated(body: Node): Node {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(source.slice(at));
    if (found === null) return body;
    at += found[0].length;
    const isLazy = source[at] === "?";
    if (isLazy) at++;
    const { 0: sign, 1: low = "0", 2: comma, 3: high } = found;
    const most = comma === "" ? Number(low) : high === "" ? Number.POSITIVE_INFINITY : Number(high);
    const bounds = { "*": [0, Number.POSITIVE_INFINITY], "+": [1, Number.POSITIVE_INFINITY], "?": [0, 1] }[sign];
    const [min = 0, max = 0] = bounds ?? [Number(low), most];
    return { kind: "repeat", body, min, max, isLazy };
  }

  function atom(): Node {
    const unit = source[at++] ?? "";
    if (unit === "^") return { kind: "start" };
    if (unit === "$") return { kind: "end" };
    if (unit === ".") return { kind: "unit", test: (each) => each !== "\n" };
    if (unit === "(") return group();
    if (unit === "[") return unitClass();
    if (unit !== "\\") return literal(unit);
    const letter = source[at++] ?? "";
    if (letter === "b") return { kind: "border" };
    const test = escaped(letter);
    return test === undefined ? literal(letter) : { kind: "unit", test };
  }

  function literal(unit: string): Node {
    if (!ignoresCase) return { kind: "unit", test: (each) => each === unit };
    return { kind: "unit", test: (each) => each.toLowerCase() === unit.toLowerCase() };
  }

  function escaped(letter: string): ((unit: string) => boolean) | undefined {
    if (letter === "u") {
      const code = String.fromCharCode(Number.parseInt(source.slice(at, at + 4), 16));
      at += 4;
      return (each) => each === code;
    }
    const classes: Record<string, RegExp> = { d: /\d/, w: /\w/, s: /\s/, S: /\S/, D: /\D/, W: /\W/, t: /\t/, n: /\n/ };
    const known = classes[letter];
    if (known === undefined && /[a-zA-Z0-9]/.test(letter)) throw new Error(`\\${letter} in ${source}`);
    return known === undefined ? undefined : (each) => known.test(each);
  }

  function group(): Node {
    const [opening = "", look] = /^\?(?:<?[=!]|:)/.exec(source.slice(at))
      ? (/^\?(<?[=!]|:)/.exec(source.slice(at)) ?? [])
      : [];
    at += opening.length;
    const body = either();
    if (source[at++] !== ")") throw new Error(`no end of a group in ${source}`);
    if (look === undefined || look === ":") return body;
    return { kind: "look", isBehind: look.startsWith("<"), isNegative: look.endsWith("!"), body };
  }

  function unitClass(): Node {
    const isNegative = source[at] === "^";
    if (isNegative) at++;
    const tests: ((unit: string) => boolean)[] = [];
    while (source[at] !== "]") tests.push(classItem());
    at++;
    const within = (unit: string) => tests.some((test) => test(unit));
    const test = ignoresCase ? (unit: string) => within(unit.toLowerCase()) || within(unit.toUpperCase()) : within;
    return { kind: "unit", test: (unit) => test(unit) !== isNegative };
  }

  function classItem(): (unit: string) => boolean {
    const first = source[at++] ?? "";
    let low = first;
    if (first === "\\") {
      const letter = source[at++] ?? "";
      const test = escaped(letter);
      if (test !== undefined) return test;
      low = letter;
    }
    if (source[at] !== "-" || source[at + 1] === "]") return (unit) => unit === low;
    const high = source[at + 1] ?? "";
    at += 2;
    return (unit) => unit >= low && unit <= high;
  }
}

/** Whether the pattern is found at the line's beginning, and the steps that takes. Gives up at `most`. */
export function runCounted(
  tree: Node,
  line: string,
  most: number,
): { readonly steps: number; readonly found: boolean } {
  let steps = 0;
  const found = run(tree, 0, () => true);
  return { steps, found };

  function run(node: Node, at: number, then: (at: number) => boolean): boolean {
    if (steps++ >= most) return true;
    switch (node.kind) {
      case "unit":
        return at < line.length && node.test(line.charAt(at)) && then(at + 1);
      case "start":
        return at === 0 && then(at);
      case "end":
        return at === line.length && then(at);
      case "border":
        return isWord(at - 1) !== isWord(at) && then(at);
      case "look": {
        const from = node.isBehind ? starts(at) : [at];
        const found = from.some((start) => run(node.body, start, (end) => !node.isBehind || end === at));
        return found !== node.isNegative && then(at);
      }
      case "either":
        return node.options.some((option) => run(option, at, then));
      case "sequence":
        return items(node.items, 0, at, then);
      case "repeat":
        return repeat(node, 0, at, then);
    }
  }

  function isWord(at: number): boolean {
    return /\w/.test(line.charAt(at));
  }

  function starts(end: number): readonly number[] {
    return Array.from({ length: end + 1 }, (_, at) => end - at);
  }

  function items(nodes: readonly Node[], index: number, at: number, then: (at: number) => boolean): boolean {
    const node = nodes[index];
    return node === undefined ? then(at) : run(node, at, (next) => items(nodes, index + 1, next, then));
  }

  function repeat(node: Node & { kind: "repeat" }, count: number, at: number, then: (at: number) => boolean): boolean {
    const once = () =>
      count < node.max &&
      run(node.body, at, (next) => (next > at || count < node.min) && repeat(node, count + 1, next, then));
    const stop = () => count >= node.min && then(at);
    return node.isLazy ? stop() || once() : once() || stop();
  }
}

/** The most that repetitions repeat within repetitions: 1 where there is only one, or none. `?` does not count. */
export function nesting(node: Node): number {
  switch (node.kind) {
    case "repeat":
      return (node.max > 1 ? 1 : 0) + nesting(node.body);
    case "look":
      return nesting(node.body);
    case "sequence":
      return Math.max(0, ...node.items.map(nesting));
    case "either":
      return Math.max(0, ...node.options.map(nesting));
    default:
      return 0;
  }
}

/** Whether every way to match begins at the line's beginning. */
export function isAnchored(node: Node): boolean {
  switch (node.kind) {
    case "start":
      return true;
    case "sequence":
      return node.items[0] !== undefined && isAnchored(node.items[0]);
    case "either":
      return node.options.every(isAnchored);
    default:
      return false;
  }
}

/** Whether a repetition without bound holds another repetition: what makes a backtracking engine take time without bound. */
export function isNestedWithoutBound(node: Node): boolean {
  switch (node.kind) {
    case "repeat":
      return (node.max > 4 && nesting(node.body) > 0) || isNestedWithoutBound(node.body);
    case "look":
      return isNestedWithoutBound(node.body);
    case "sequence":
      return node.items.some(isNestedWithoutBound);
    case "either":
      return node.options.some(isNestedWithoutBound);
    default:
      return false;
  }
}
