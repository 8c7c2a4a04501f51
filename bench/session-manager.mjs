// Live sessions in the manager's own process, against what they cannot be quicker than: attaching to one with 10,000 lines behind it,
// against making its dump; a key's echo, against `cat` in a bare pty of the same process, alone and while others attach; a new session to
// its first prompt, over plain bash in a bare pty.
// usage: node bench/session-manager.mjs
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Library, Spool } from "../dist/src/library/kept.js";
import { spawnPty } from "../dist/src/pty/index.js";
import { openHolderPool, runtimeFolder, TerminalKeeper } from "../dist/src/session/index.js";
import { openStore } from "../dist/src/store/index.js";

const KEYS = 300;
const STARTS = 15;
const ATTACHES = 40;

const root = mkdtempSync(join(tmpdir(), "t2a-b-"));
const env = { PATH: process.env.PATH, HOME: join(root, "home"), SHELL: "/bin/bash", LANG: "C.UTF-8", PS1: "$ " };
mkdirSync(env.HOME);
const runtime = runtimeFolder({ XDG_RUNTIME_DIR: join(root, "r") });
const program = { file: process.execPath, args: [fileURLToPath(new URL("../dist/cli/holder.js", import.meta.url))] };
const store = await openStore({ driver: "files", folder: join(root, "store") }, { cacheFolder: join(root, "cache") });
const pool = await openHolderPool({ runtime, program, perHolder: 50, version: "bench", holderIdleMs: 5000 });
const keeper = new TerminalKeeper({
  library: new Library({ store, spool: new Spool(join(root, "spool")), location: "bench" }),
  pool,
  runtime,
  liveFolder: join(root, "live"),
  env,
  version: "bench",
  collect: async () => {},
});
await keeper.open();

const quantile = (list, share) => [...list].sort((one, other) => one - other)[Math.floor(share * (list.length - 1))];
const ms = (value) => `${value.toFixed(2)} ms`;

function barePty(file, args) {
  const pty = spawnPty({ file, args, cols: 80, rows: 24, cwd: "/", env: { ...env, TERM: "xterm" }, name: "xterm" });
  let wake = () => {};
  let text = "";
  pty.onData((data) => {
    text += Buffer.from(data).toString("latin1");
    wake();
  });
  const until = async (isThere) => {
    while (!isThere(text)) await new Promise((resolve) => (wake = resolve));
    text = "";
  };
  return { pty, until };
}

async function echo(write, until) {
  const taken = [];
  for (let count = 0; count < KEYS; count++) {
    const key = String.fromCharCode(97 + (count % 26));
    const started = performance.now();
    write(Buffer.from(key));
    await until((text) => text.includes(key));
    taken.push(performance.now() - started);
    if (count % 60 === 59) {
      write(Buffer.from("\n"));
      await until((text) => text.includes("\n"));
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return { p50: quantile(taken, 0.5), p99: quantile(taken, 0.99) };
}

/** What a client is given, as text. */
async function client(reference) {
  const attachment = await keeper.attach(reference, { cols: 80, rows: 24 });
  const messages = attachment.messages[Symbol.asyncIterator]();
  let text = "";
  await messages.next();
  const until = async (isThere) => {
    while (!isThere(text)) {
      const { value } = await messages.next();
      if (value?.type === "output") text += Buffer.from(value.data).toString("latin1");
    }
    text = "";
  };
  return { attachment, until };
}

try {
  const bare = barePty("/bin/cat", []);
  const bareEcho = await echo((bytes) => bare.pty.write(bytes), bare.until);
  bare.pty.kill("SIGKILL");

  const cat = await keeper.createSession({ argv: ["/bin/cat"] });
  const big = await keeper.createSession({
    argv: ["/bin/bash", "-c", "seq -f 'line %g of ten thousand, with some more text' 10000; echo done; read x"],
  });
  await keeper.wait(big.id, { text: "^done" });
  const { attachment, until } = await client(cat.id);
  const ours = await echo((bytes) => attachment.send(bytes), until);
  let isAttaching = true;
  const attaching = (async () => {
    while (isAttaching) {
      const other = await client(big.id);
      await other.attachment.detach();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const whileAttaching = await echo((bytes) => attachment.send(bytes), until);
  isAttaching = false;
  await attaching;
  console.log(`key to echo, bare pty: p50 ${ms(bareEcho.p50)}, p99 ${ms(bareEcho.p99)}`);
  console.log(
    `key to echo, session: p50 ${ms(ours.p50)} (${(ours.p50 / bareEcho.p50).toFixed(1)}x), p99 ${ms(ours.p99)}`,
  );
  console.log(`  while another attaches: p50 ${ms(whileAttaching.p50)}, p99 ${ms(whileAttaching.p99)} (bar 5 ms)`);

  const attaches = [];
  for (let count = 0; count < ATTACHES; count++) {
    const started = performance.now();
    const other = await client(big.id);
    attaches.push(performance.now() - started);
    await other.attachment.detach();
  }
  const dumps = [];
  for (let count = 0; count < ATTACHES; count++) {
    const started = performance.now();
    keeper.findLive(big.id).screen;
    dumps.push(performance.now() - started);
  }
  console.log(
    `attach, 10,000 lines behind it: p50 ${ms(quantile(attaches, 0.5))}, p99 ${ms(quantile(attaches, 0.99))} (bar 50 ms); ${(quantile(attaches, 0.5) / quantile(dumps, 0.5)).toFixed(1)}x its screen's own time`,
  );
  const started = performance.now();
  const { lines } = await keeper.scrollback(big.id, { lines: 10_000 });
  console.log(`its scrollback, ${lines.length} lines: ${ms(performance.now() - started)}`);

  const plain = [];
  const sessions = [];
  for (let count = 0; count < STARTS; count++) {
    let begun = performance.now();
    const shell = barePty("/bin/bash", []);
    await shell.until((text) => /[$#]/.test(text));
    plain.push(performance.now() - begun);
    shell.pty.kill("SIGKILL");
    begun = performance.now();
    const { id } = await keeper.createSession({ cwd: "/" });
    const prompt = await keeper.attach(id, { cols: 80, rows: 24 });
    for await (const message of prompt.messages) {
      const bytes = message.type === "screen" ? message.dump : message.type === "output" ? message.data : undefined;
      if (bytes !== undefined && /[$#]/.test(Buffer.from(bytes).toString("latin1"))) break;
    }
    sessions.push(performance.now() - begun);
  }
  const [one, other] = [quantile(plain, 0.5), quantile(sessions, 0.5)];
  console.log(
    `first prompt: plain bash p50 ${ms(one)}, new session p50 ${ms(other)}: ${ms(other - one)} more (bar 40 ms)`,
  );
} finally {
  await Promise.all(keeper.live.map(({ id }) => keeper.killSession(id, "SIGKILL")));
  pool.endHolders();
  await keeper.close();
  await store.close();
  rmSync(root, { recursive: true, force: true });
}
