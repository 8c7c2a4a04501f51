import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { it } from "vitest";
import { startPostgres } from "./support/postgres-server.js";
it("explores", async () => {
  const pg = await startPostgres();
  const url = await pg.newUrl();
  const log = [];
  const W = "/tmp/rl/w-pg"; spawnSync("rm", ["-rf", W]); mkdirSync(W, { recursive: true });
  const env = (m: string) => ({ ...process.env, XDG_DATA_HOME: `${W}/${m}/d`, XDG_CACHE_HOME: `${W}/${m}/c`, XDG_CONFIG_HOME: `${W}/${m}/cfg`, HOME: `${W}/${m}`, T2A_STORE: url });
  const bin = `${process.cwd()}/bin/t2a.js`;
  const run = (m: string, ...a: string[]) => { const r = spawnSync("node", [bin, ...a], { env: env(m), encoding: "utf8" }); log.push(`[${m}] ${a.join(" ").slice(0,80)} -> ${r.status}\n${r.stdout.slice(0, 1500)}${r.stderr.slice(0, 1500)}`); return r; };
  const bg = (m: string, ...a: string[]) => spawn("node", [bin, ...a], { env: env(m), stdio: "ignore" });
  const wait = (c: any) => new Promise((r) => c.on("exit", r));
  run("a", "record", "--headless", "-q", "--finalize", "wait", "--name", "a1", "-c", "echo from a");
  run("b", "record", "--headless", "-q", "--finalize", "wait", "--name", "b1", "-c", "echo from b");
  run("a", "ls"); 
  // server goes away at the end of a recording
  const c = bg("a", "record", "--headless", "-q", "--finalize", "wait", "--name", "gone", "-c", "seq 1 100000; sleep 2; echo END");
  await new Promise((r) => setTimeout(r, 1500));
  await pg.kill();
  await wait(c);
  run("a", "ls"); run("a", "library", "collect");
  await pg.start();
  run("a", "library", "collect"); run("a", "ls"); run("b", "ls"); 
  const k = run("b", "cat", "gone"); log.push("END there: " + k.stdout.includes("END"));
  // both collect & add same at once
  run("a", "record", "--headless", "-q", "--finalize", "never", "-c", "echo twin", `${W}/twin.t2r`);
  await Promise.all([wait(bg("a", "library", "add", `${W}/twin.t2r`)), wait(bg("b", "library", "add", `${W}/twin.t2r`))]);
  run("a", "ls"); run("b", "library", "fsck");
  // rm while it plays
  const p = bg("b", "play", "gone"); await new Promise((r) => setTimeout(r, 300)); run("a", "rm", "-y", "--purge", "gone"); log.push("play exit " + (await wait(p)));
  // migrate while recording, export while pruning
  for (let i = 0; i < 8; i++) run("a", "record", "--headless", "-q", "--finalize", "wait", "--name", `m${i}`, "-c", `echo m${i}; seq 1 5000`);
  const mig = bg("a", "library", "migrate", url, `file:${W}/mig`);
  const rec = bg("b", "record", "--headless", "-q", "--finalize", "wait", "--name", "during", "-c", "echo during");
  const fs = bg("b", "library", "fsck", "--repair");
  await Promise.all([wait(mig), wait(rec), wait(fs)]);
  run("a", "library", "migrate", url, `file:${W}/mig`);
  run("a", "library", "migrate", url, url + (url.includes("?") ? "&" : "?") + "connect_timeout=9");
  run("a", "library", "fsck", "--store", `file:${W}/mig`); run("a", "ls", "--store", `file:${W}/mig`);
  run("a", "rm", "-y", "m1"); run("a", "library", "migrate", url, `file:${W}/mig`); run("a", "ls", "--deleted", "--store", `file:${W}/mig`);
  const ex = bg("a", "library", "export", `${W}/e.tar`); const pr = bg("b", "library", "prune", "--keep", "3", "--yes");
  await Promise.all([wait(ex), wait(pr)]);
  run("a", "library", "import", "--store", `file:${W}/imp`, `${W}/e.tar`); run("a", "library", "fsck", "--store", `file:${W}/imp`);
  run("a", "library", "import", `${W}/e.tar`); run("a", "library", "fsck"); run("a", "ls");
  writeFileSync("/tmp/rl/pg.log", log.join("\n"));
  await pg.close();
}, 300000);
