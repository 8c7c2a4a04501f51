// A manager of sessions in a process of its own, for tests that kill it: asked over IPC, as `{ n, call, args }`, bytes as base64. With
// `killAt` it kills itself at that step of resuming.
import { hostname } from "node:os";
import { Library, Spool } from "../../dist/src/library/kept.js";
import {
  CheckpointKeeper,
  openHolderPool,
  runtimeFolder,
  SessionResumer,
  TerminalKeeper,
} from "../../dist/src/session/index.js";
import { openStore } from "../../dist/src/store/index.js";

const { folders, program, env, killAt } = JSON.parse(process.argv[2]);
const runtime = runtimeFolder({ XDG_RUNTIME_DIR: folders.runtime });
const store = await openStore({ driver: "files", folder: folders.store }, { cacheFolder: folders.cache });
const library = new Library({ store, spool: new Spool(folders.spool), location: "test" });
const pool = await openHolderPool({ runtime, program, perHolder: 50, version: "0.0.0-test", holderIdleMs: 30_000 });
const keeper = new TerminalKeeper({
  library,
  pool,
  runtime,
  liveFolder: folders.live,
  env,
  version: "0.0.0-test",
  sync: "none",
  onProblem: (problem, about) => process.send({ problem: `${about}: ${problem?.stack ?? problem}` }),
});
const checkpoints = new CheckpointKeeper({ terminals: keeper });
const resumer = new SessionResumer({ terminals: keeper, checkpoints, library, env, home: env.HOME, host: hostname() });

/** Kills this process before that call, or behind it. */
function dieAt(of, name, before, behind) {
  const call = of[name].bind(of);
  const die = (step) => {
    if (step === killAt) process.kill(process.pid, "SIGKILL");
  };
  of[name] = async (...args) => {
    die(before);
    const result = await call(...args);
    die(behind);
    return result;
  };
}

process.on("message", async ({ n, call, args }) => {
  try {
    const result =
      call === "resume"
        ? await resume(...args)
        : call === "send"
          ? await keeper.send(args[0], Buffer.from(args[1], "base64"))
          : await keeper[call](...args);
    process.send({ n, result: result?.dump === undefined ? result : { ...result, dump: undefined } });
  } catch (error) {
    process.send({ n, error: `${error.code}: ${error.message}` });
  }
});
process.on("disconnect", () => process.exit());
await keeper.open();

async function resume(id) {
  dieAt(pool, "start", "before it runs", "when it runs");
  dieAt(store, "update", "before it is saved", "when it is saved");
  return await resumer.resume(id);
}
process.send({ isReady: true });
