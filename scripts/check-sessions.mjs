// Shows what sessions withstand, each thing with a daemon, holders and terminals of its own: killed daemons and holders, a reboot, agents
// that hand off, limits, many clients, a bad neighbour. Prints a line of figures for each; ends with status 1 where one fails.
// usage: npm run check:sessions -- [SHOW...] [--record FILE]     (all shows by default; some need tmux, an ordinary user needs setpriv
// where root runs this; --record: t2a records it into FILE)
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

if (!existsSync(fileURLToPath(new URL("../dist/cli/daemon.js", import.meta.url)))) {
  console.error("build first: npm run build");
  process.exit(2);
}
const { Skip, T2A } = await import("./sessions-check/house.mjs");
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
const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { record: { type: "string" } },
});
const unknown = names.find((name) => !Object.hasOwn(SHOWS, name));
if (unknown !== undefined) {
  console.error(`no show "${unknown}": ${Object.keys(SHOWS).join(", ")}`);
  process.exit(2);
}
if (values.record !== undefined) {
  const words = [process.execPath, fileURLToPath(import.meta.url), ...names];
  const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const args = [T2A, "record", "-q", "--return", "--overwrite", "-c", line, values.record];
  process.exit(spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1);
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
