// A session whose program prints without end beside one that is typed into: how long keys take to their echo there, beside the other and
// alone.
import { setTimeout as sleep } from "node:timers/promises";
import { Attached } from "./attached.mjs";
import { expect, House, until } from "./house.mjs";

const KEYS = 200;
const GAP_MS = 20;
const PER_ROW = 50;

export async function isolation() {
  const house = new House();
  try {
    const client = house.client();
    const good = await client.createSession({ name: "good", argv: ["cat"], env: house.env, cwd: house.base });
    let [told, wake] = ["", () => {}];
    const attached = await Attached.open(client, good.id, {
      onText: (text) => {
        told += text;
        wake();
      },
    });
    const alone = await echoes();
    const bad = await client.createSession({
      name: "bad",
      argv: ["yes", "nothing new"],
      env: house.env,
      cwd: house.base,
    });
    const printed = async () => (await client.getSession(bad.id)).live.outputBytes;
    await until("its output", async () => (await printed()) > 1e6);
    const before = await printed();
    const began = performance.now();
    const beside = await echoes();
    const seconds = (performance.now() - began) / 1000;
    const rate = ((await printed()) - before) / seconds / 1e6;
    expect(rate > 0, "the session that prints without end has stopped");
    expect(good.live.holderPid === bad.live.holderPid, "the two are not in one holder");
    return `key to echo p50 ${ms(beside, 0.5)}, p99 ${ms(beside, 0.99)} beside a session of the same holder that prints ${rate.toFixed(1)} MB/s; alone p50 ${ms(alone, 0.5)}, p99 ${ms(alone, 0.99)}`;

    async function echoes() {
      const taken = [];
      for (let at = 0; at < KEYS; at++) {
        const key = String.fromCharCode(97 + (at % 26));
        await echo(key, taken);
        if (at % PER_ROW === PER_ROW - 1) await echo("\n", []);
        await sleep(GAP_MS);
      }
      return taken.sort((one, other) => one - other);
    }

    async function echo(key, taken) {
      told = "";
      const began = performance.now();
      attached.send(key);
      while (!told.includes(key)) {
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
      taken.push(performance.now() - began);
    }
  } finally {
    await house.close();
  }
}

function ms(sorted, share) {
  return `${sorted[Math.floor(share * (sorted.length - 1))].toFixed(1)} ms`;
}
