// Echo latency that recording adds: keys typed into `cat` through a pty, alone and through `t2a record`, 20 a second.
import { join } from "node:path";
import { spawn } from "node-pty";
import { T2A, target } from "./measure.mjs";

const KEYS = 300;
const GAP_MS = 50;

/** Milliseconds from each key to its echo. */
function latencies(file, args) {
  return new Promise((resolve) => {
    const pty = spawn(file, args, { encoding: null, cols: 80, rows: 24 });
    const found = [];
    let sent = 0n;
    let waiting = false;
    let ready = false;
    const next = () => {
      if (found.length >= KEYS) {
        pty.kill("SIGKILL");
        resolve(found.sort((a, b) => a - b));
        return;
      }
      waiting = true;
      sent = process.hrtime.bigint();
      pty.write("k");
    };
    pty.onData((data) => {
      if (!ready && data.includes("ready")) {
        ready = true;
        setTimeout(next, 300);
      } else if (waiting && data.includes("k")) {
        waiting = false;
        found.push(Number(process.hrtime.bigint() - sent) / 1e6);
        setTimeout(next, GAP_MS);
      }
    });
  });
}

const at = (list, share) => list[Math.floor((list.length - 1) * share)];

export async function* benchEcho({ folder }) {
  const command = "echo ready; exec cat > /dev/null";
  const bare = await latencies("/bin/sh", ["-c", command]);
  const recorded = await latencies(process.execPath, [T2A, "record", "-q", "-c", command, join(folder, "echo.cast")]);
  const added = at(recorded, 0.99) - at(bare, 0.99);
  yield {
    what: "echo of a key, 20 a second: p50, p99",
    figure: `${at(recorded, 0.5).toFixed(2)}, ${at(recorded, 0.99).toFixed(2)} ms`,
    peer: `bare pty ${at(bare, 0.5).toFixed(2)}, ${at(bare, 0.99).toFixed(2)} ms`,
    verdict: target(added < 2, `${added.toFixed(2)} ms added at p99 (under 2)`),
  };
}
