// Shows what sessions withstand, each thing with a daemon, holders and terminals of its own: killed daemons and holders, a reboot, agents
// that hand off, limits, many clients, a bad neighbour. Prints a line of figures for each; ends with status 1 where one fails.
// usage: npm run check:sessions -- [SHOW...]     (all of them by default; some need tmux, an ordinary user needs setpriv where root runs this)
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

if (!existsSync(fileURLToPath(new URL("../dist/cli/daemon.js", import.meta.url)))) {
  console.error("build first: npm run build");
  process.exit(2);
}
const { Skip } = await import("./sessions-check/house.mjs");
const { clients } = await import("./sessions-check/clients.mjs");
const { daemonKill } = await import("./sessions-check/daemon-kill.mjs");
const { holderKill } = await import("./sessions-check/holder-kill.mjs");
const { isolation } = await import("./sessions-check/isolation.mjs");
const { lineage } = await import("./sessions-check/lineage.mjs");
const { limits } = await import("./sessions-check/limits.mjs");
const { reboot } = await import("./sessions-check/reboot.mjs");

const SHOWS = {
  "daemon-kill": daemonKill,
  "holder-kill": holderKill,
  reboot,
  lineage,
  limits,
  clients,
  isolation,
};
const names = process.argv.slice(2);
const unknown = names.find((name) => !Object.hasOwn(SHOWS, name));
if (unknown !== undefined) {
  console.error(`no show "${unknown}": ${Object.keys(SHOWS).join(", ")}`);
  process.exit(2);
}
for (const name of names.length > 0 ? names : Object.keys(SHOWS)) {
  try {
    for (const line of [await SHOWS[name]()].flat()) console.log(`${name}: ${line}`);
  } catch (error) {
    if (error instanceof Skip) console.log(`${name}: skipped, ${error.message}`);
    else {
      console.log(`${name}: FAILED: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
}
