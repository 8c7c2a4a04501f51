// Live sessions through the daemon and a connected client, as everybody has them: what many take, idle and busy; how soon one is there;
// how long `t2a session ls` takes with 500 of them.
import { inTurn, ratio, run, T2A, target } from "./measure.mjs";
import { benchAttach } from "./sessions-attach.mjs";
import { SessionsHouse } from "./sessions-house.mjs";
import { benchBusy, benchIdle } from "./sessions-load.mjs";

const LISTED = 500;
const RUNS = 15;
const ADDED_MS = 110;

/** The rows of the table. `idle`: sessions; `seconds`: how long the busy ones print. */
export async function* benchSessions({ folder, large, idle = large ? "1000" : "100", seconds = large ? "60" : "10" }) {
  yield* benchIdle(folder, Number(idle));
  yield* benchBusy(folder, Number(seconds));
  yield* benchAttach(folder);
  yield* benchList(folder);
}

async function* benchList(folder) {
  const house = new SessionsHouse(folder);
  try {
    await house.startMany(LISTED, { argv: ["sleep", "100000"] });
    const { env } = house;
    const [ls, json, node] = inTurn(
      RUNS,
      () => run(process.execPath, [T2A, "session", "ls"], { env }),
      () => run(process.execPath, [T2A, "session", "ls", "--json"], { env }),
      () => run(process.execPath, ["-e", "0"]),
    );
    for (const [what, { wall }] of [
      ["t2a session ls", ls],
      ["t2a session ls --json", json],
    ]) {
      const added = (wall - node.wall) * 1000;
      yield {
        what: `${what}, ${LISTED} sessions alive`,
        figure: `${(wall * 1000).toFixed(0)} ms`,
        peer: `node -e 0: ${(node.wall * 1000).toFixed(0)} ms, ${ratio(wall, node.wall)}`,
        verdict: target(added <= ADDED_MS, `${added.toFixed(0)} ms more (at most ${ADDED_MS})`),
      };
    }
  } finally {
    await house.close();
  }
}
