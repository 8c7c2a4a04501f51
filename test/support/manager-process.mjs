// A manager of sessions in a process of its own, for tests that kill it: asked over IPC, as `{ n, call, args }`, bytes as base64.
import { Library, Spool } from "../../dist/src/library/kept.js";
import { openHolderPool, runtimeFolder, TerminalKeeper } from "../../dist/src/session/index.js";
import { openStore } from "../../dist/src/store/index.js";

const { folders, program, env } = JSON.parse(process.argv[2]);
const runtime = runtimeFolder({ XDG_RUNTIME_DIR: folders.runtime });
const store = await openStore({ driver: "files", folder: folders.store }, { cacheFolder: folders.cache });
const keeper = new TerminalKeeper({
  library: new Library({ store, spool: new Spool(folders.spool), location: "test" }),
  pool: await openHolderPool({ runtime, program, perHolder: 50, version: "0.0.0-test", holderIdleMs: 30_000 }),
  runtime,
  liveFolder: folders.live,
  env,
  version: "0.0.0-test",
  sync: "none",
  onProblem: (problem, about) => process.send({ problem: `${about}: ${problem?.stack ?? problem}` }),
});
process.on("message", async ({ n, call, args }) => {
  try {
    const result =
      call === "send" ? await keeper.send(args[0], Buffer.from(args[1], "base64")) : await keeper[call](...args);
    process.send({ n, result: result?.dump === undefined ? result : { ...result, dump: undefined } });
  } catch (error) {
    process.send({ n, error: `${error.code}: ${error.message}` });
  }
});
process.on("disconnect", () => process.exit());
await keeper.open();
process.send({ isReady: true });
