// Runs the conformance cases of a file: what a terminal emulator's own tests expect of a screen, expected of ours.
import { createRequire } from "node:module";
import { KNOWN } from "./known.mjs";
import { runScript, SHAPES, Unusable } from "./shapes.mjs";

/** The jobs that all shapes find among these paths. */
export function findConformance(paths) {
  return Object.entries(SHAPES).flatMap(([conformance, { find }]) =>
    find(paths).map((path) => ({ conformance, path })),
  );
}

/**
 * `{ cases }`: each with its name, its result (equal, different, known, unusable) and what differs or why. A case that is listed as
 * known and yet equal is `different`, so that the list stays true.
 */
export async function checkConformance({ Screen }, { conformance, path, paths }) {
  let cases;
  try {
    cases = SHAPES[conformance].cases(path, paths);
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    return { checks: {}, cases: [{ name: path, result: "unusable", what: error.message }] };
  }
  const results = [];
  for (const one of cases) {
    const name = `${conformance}: ${one.name}`;
    const what = one.script === undefined ? checkStream(one, Screen) : runScript(one, (size) => new Screen(size));
    const reason = KNOWN[name];
    if (what === undefined && reason === undefined) results.push({ name, result: "equal" });
    else if (what === undefined) results.push({ name, result: "different", what: `equal, but listed: ${reason}` });
    else if (reason !== undefined) results.push({ name, result: "known", what: reason });
    else results.push({ name, result: "different", what: `${what}${await engineAlone(one, Screen)}` });
  }
  return { checks: {}, cases: results };
}

function checkStream({ cols, rows, stream, check }, Screen) {
  const screen = new Screen({ cols, rows });
  for (const bytes of stream) screen.feed(bytes);
  const difference = check(screen);
  screen.dispose();
  return difference;
}

/** Whether the engine as it comes shows the same rows: then a difference is its own, and not that of what t2a mends in it. */
async function engineAlone({ cols, rows, stream }, Screen) {
  if (stream === undefined) return "";
  const require = createRequire(import.meta.url);
  const { Terminal } = require("@xterm/headless");
  const { Unicode11Addon } = require("@xterm/addon-unicode11");
  const terminal = new Terminal({ cols, rows, scrollback: 0, allowProposedApi: true });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = "11";
  for (const bytes of stream) await new Promise((resolve) => terminal.write(bytes, resolve));
  const { active } = terminal.buffer;
  const screen = new Screen({ cols, rows });
  for (const bytes of stream) screen.feed(bytes);
  const isSame = screen
    .snapshot()
    .lines.every((line, y) => line.cells().every(({ chars }, x) => chars === active.getLine(y).getCell(x).getChars()));
  terminal.dispose();
  screen.dispose();
  return isSame ? " (the engine alone shows the same)" : " (the engine alone shows something else)";
}
