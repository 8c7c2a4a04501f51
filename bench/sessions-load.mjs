// Many idle sessions, and fifty that print: what the daemon and the holders take for them, and whether every byte is recorded.
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { target } from "./measure.mjs";
import { SessionsHouse, sleep } from "./sessions-house.mjs";

const PRINTER = fileURLToPath(new URL("sessions-printer.mjs", import.meta.url));
const FULL_COUNT = 1000;
const IDLE_MS = 10_000;
const BUSY = 50;
const RATE = 100_000;
const LOOK_MS = 500;

/** Shells at their prompts. */
export async function* benchIdle(folder, count) {
  const house = new SessionsHouse(folder);
  try {
    yield { what: "t2a daemon start", figure: `${house.startMs.toFixed(0)} ms` };
    await house.startMany(count, {}, ({ id }) => house.client.wait(id, { prompt: true, timeoutMs: 60_000 }));
    await house.settle();
    const pids = await house.pids();
    const [before, began] = [house.cpuMs(pids), performance.now()];
    await sleep(IDLE_MS);
    const percent = ((house.cpuMs(pids) - before) / (performance.now() - began)) * 100;
    const mb = house.pssMb(pids);
    yield {
      what: `PSS of daemon and ${pids.length - 1} holders, ${count} idle sessions`,
      figure: `${mb.toFixed(0)} MB`,
      peer: `daemon ${house.pssMb(pids.slice(0, 1)).toFixed(0)} MB`,
      verdict: count < FULL_COUNT ? `1,200 MB with ${FULL_COUNT}` : target(mb <= 1200, "at most 1,200 MB"),
    };
    yield {
      what: `their idle CPU over ${IDLE_MS / 1000} s, of a core`,
      figure: `${percent.toFixed(2)} %`,
      verdict: target(percent < 5, "under 5 %"),
    };
  } finally {
    await house.close();
  }
}

/** Programs that print at a steady rate, and say in the end what they printed. */
export async function* benchBusy(folder, seconds) {
  const house = new SessionsHouse(folder);
  try {
    const { client } = house;
    const argv = [process.execPath, PRINTER, String(RATE), String(seconds)];
    const sessions = await house.startMany(BUSY, { argv });
    await house.settle();
    const pids = await house.pids();
    const [before, began] = [house.cpuMs(pids), performance.now()];
    let isOver = false;
    const ended = (async () => {
      await Promise.all(sessions.map(({ id }) => client.send(id, Buffer.from("\n"))));
      await Promise.all(sessions.map(({ id }) => client.wait(id, { exit: true })));
      isOver = true;
    })();
    while (!isOver) {
      await Promise.race([ended, sleep(LOOK_MS)]);
      house.cpuMs(pids);
    }
    const ms = performance.now() - began;
    const all = (house.cpuMs(pids) - before) / ms;
    let wrong = 0;
    for (const { id } of sessions) if (!isWhole(house.t2a("convert", "-q", "-f", "raw", id, "-"))) wrong++;
    yield {
      what: `${BUSY} sessions at 100 KB/s, ${(ms / 1000).toFixed(0)} s: daemon and holders`,
      figure: `${all.toFixed(2)} cores`,
      verdict: target(all < 1.2, "under 1.2"),
    };
    yield {
      what: "their recordings that lost or changed a byte",
      figure: `${wrong} of ${BUSY}`,
      verdict: target(wrong === 0, "none"),
    };
  } finally {
    await house.close();
  }
}

/** Whether the output is what the program says that it printed. The line feed that was typed is echoed first. */
function isWhole(output) {
  const tail = /\r\n#([0-9a-f]{64})\r\n$/.exec(output.subarray(-100).toString("latin1"));
  if (tail === null) return false;
  const printed = output.subarray(output.indexOf("\n") + 1, output.length - tail[0].length);
  return createHash("sha256").update(printed).digest("hex") === tail[1];
}
