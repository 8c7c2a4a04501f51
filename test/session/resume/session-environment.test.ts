// Variables that a session's shell tells of: kept by checkpoints, and there again in the shell that goes on. Real shells, real holders.
import { hostname } from "node:os";
import { describe, expect, onTestFinished, test } from "vitest";
import { Library, openPart, openSessionRecording, Spool, sessionParts } from "../../../src/library/index.js";
import { CheckpointKeeper, SessionResumer } from "../../../src/session/index.js";
import { openStore } from "../../../src/store/index.js";
import { type ManagerHouse, managerHouse } from "../../support/manager.js";
import { pollUntil } from "../../support/poll-until.js";
import { missing, run, titled } from "../../support/programs.js";

async function daemon(house: ManagerHouse, variables: readonly string[]) {
  const location = { driver: "files", folder: house.storeFolder } as const;
  const store = await openStore(location, { cacheFolder: house.path("cache") });
  const library = new Library({ store, spool: new Spool(house.path("spool")), location: "test" });
  const terminals = await house.manager({ library, variables });
  const checkpoints = new CheckpointKeeper({ terminals, settleMs: 10 });
  onTestFinished(() => checkpoints.close());
  const home = house.path("home");
  const resumer = new SessionResumer({ terminals, checkpoints, library, env: house.env, home, host: hostname() });
  return { library, terminals, checkpoints, resumer };
}

/** All output of a session's recordings, latin1. */
async function recorded(library: Library, id: string): Promise<string> {
  const parts = await sessionParts(library, await library.store.get(id));
  const recording = await openSessionRecording(parts.map((part) => () => openPart(library, part)));
  let output = "";
  for await (const batch of recording.batches)
    for (const event of batch) if (event.kind === "output") output += Buffer.from(event.data).toString("latin1");
  return output;
}

const SETS: Readonly<Record<string, (name: string, value: string) => string>> = {
  bash: (name, value) => `export ${name}=${value}`,
  zsh: (name, value) => `export ${name}=${value}`,
  fish: (name, value) => `set -gx ${name} ${value}`,
};
const UNSETS: Readonly<Record<string, (name: string) => string>> = {
  bash: (name) => `unset ${name}`,
  zsh: (name) => `unset ${name}`,
  fish: (name) => `set -e ${name}`,
};
/** Known to all of them as they stand, and to t2a's own scripts as local variables. */
const NAMES = ["FOO", "ODD", "GONE", "INNER", "LONG", "text", "marks", "LC_ALL"];
const ODD = 'a;b "c" \\ %41 $x ö\u{1f980}';

describe.each(["bash", "zsh", "fish"])("a session of %s", (kind) => {
  const reason = missing(kind);
  test.skipIf(reason)(
    titled("goes on with the variables that it is to tell of, and tells of no others", reason),
    { timeout: 120_000 },
    async () => {
      const house = managerHouse();
      const { terminals, checkpoints, resumer, library } = await daemon(house, NAMES);
      const shell = run("which", [kind]).toString().trim();
      const env = { ...house.env, SHELL: shell, GONE: "there", ZDOTDIR: house.path("home") };
      const set = SETS[kind] ?? String;
      const { id } = await terminals.createSession({ env });
      await terminals.wait(id, { prompt: true, timeoutMs: 30_000 });
      await pollUntil("what it began with", () => terminals.findLive(id)?.environment?.LC_ALL === null);
      expect(terminals.findLive(id)?.environment).toEqual({
        ...{ FOO: null, ODD: null, GONE: "there", INNER: null, LONG: null, text: null, marks: null, LC_ALL: null },
      });
      const inner = kind === "fish" ? "set -g INNER here" : "INNER=here";
      await terminals.runCommand(
        id,
        [
          ...[set("FOO", "bar"), set("SECRET", "hush-hush"), set("text", "mine"), set("marks", "also-mine")],
          ...[set("LONG", "x".repeat(5000)), UNSETS[kind]?.("GONE"), inner],
          set("ODD", `'${ODD.replace("\\", kind === "fish" ? "\\\\" : "\\")}'`),
        ].join("; "),
      );
      const told = { FOO: "bar", ODD, GONE: null, INNER: null, text: "mine", marks: "also-mine", LC_ALL: null };
      await pollUntil("what has changed", () => terminals.findLive(id)?.environment?.marks === "also-mine");
      expect(terminals.findLive(id)?.environment).toEqual(told);
      // Nobody but the shell is believed.
      const forged = "printf '\\033]633;P;Env=FOO=evil;aid=1;t2a=0123456789abcdef0123456789abcdef.99\\007'";
      await terminals.runCommand(id, forged);
      await pollUntil(
        "a checkpoint",
        async () => (await checkpoints.findLast(id))?.checkpoint.env.marks === "also-mine",
      );
      expect((await checkpoints.findLast(id))?.checkpoint.env).toEqual(told);

      process.kill(terminals.findLive(id)?.facts.holderPid ?? 0, "SIGKILL");
      await pollUntil("the session's end", () => terminals.findLive(id) === undefined);
      await resumer.resume(id, { env: { ...env, FOO: "another" } });
      // At once: its first prompt is waited for.
      expect(await terminals.runCommand(id, 'echo "$FOO/$GONE/$INNER/$SECRET/$text"')).toMatchObject({
        output: "bar////mine",
      });
      expect(await terminals.runCommand(id, "printenv ODD")).toMatchObject({ output: ODD });
      await terminals.runCommand(id, set("FOO", "more"));
      await pollUntil("the new value", () => terminals.findLive(id)?.environment?.FOO === "more");
      expect(await terminals.runCommand(id, "printenv FOO")).toMatchObject({ output: "more" });
      await terminals.killSession(id);
      await pollUntil("both are in the library", async () => (await library.store.get(id)).recordings.length === 2);
      const output = await recorded(library, id);
      const marks = [...output.matchAll(/\x1b\]633;P;Env=([^;]{0,40})/g)].map(([, mark = ""]) => mark);
      expect(marks).toEqual(expect.arrayContaining(["FOO=bar", "GONE", "LONG?"]));
      expect(marks.filter((mark) => mark === "FOO=more")).toHaveLength(1);
      const names = new Set(marks.map((mark) => mark.replace(/[=?].*/, "")));
      expect([...names].sort()).toEqual([...NAMES].sort());
      expect(house.problems).toEqual([]);
    },
  );

  test.skipIf(reason)(titled("tells of nothing where nothing is asked for", reason), async () => {
    const house = managerHouse();
    const { terminals, library } = await daemon(house, []);
    const shell = run("which", [kind]).toString().trim();
    const env = { ...house.env, SHELL: shell, ZDOTDIR: house.path("home") };
    const { id } = await terminals.createSession({ env });
    await terminals.runCommand(id, SETS[kind]?.("FOO", "bar") ?? "");
    expect(terminals.findLive(id)?.environment).toEqual({});
    await terminals.killSession(id);
    await pollUntil("it is in the library", async () => (await library.store.get(id)).recordings.length === 1);
    expect((await recorded(library, id)).includes("Env=")).toBe(false);
    expect(house.problems).toEqual([]);
  });
});
