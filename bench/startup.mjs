// How long `t2a --version` takes beside `node -e 0`.
import { inTurn, ratio, run, T2A, target } from "./measure.mjs";

export async function* benchStartup() {
  const [t2a, node] = inTurn(
    15,
    () => run(process.execPath, [T2A, "--version"]),
    () => run(process.execPath, ["-e", "0"]),
  );
  const added = (t2a.wall - node.wall) * 1000;
  yield {
    what: "t2a --version",
    figure: `${(t2a.wall * 1000).toFixed(0)} ms`,
    peer: `node -e 0: ${(node.wall * 1000).toFixed(0)} ms, ${ratio(t2a.wall, node.wall)}`,
    verdict: target(added <= 60, `${added.toFixed(0)} ms more (at most 60)`),
  };
}
