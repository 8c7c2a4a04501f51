// How soon a session is there: its first prompt over plain bash, attaching to one with much behind it, and a key's echo, each beside a bare
// pty in the same run.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { spawnPty } from "../dist/src/pty/index.js";
import { ratio, target } from "./measure.mjs";
import { PROMPT, p50p99, quantile, SessionsHouse, sleep } from "./sessions-house.mjs";

const ATTACHER = fileURLToPath(new URL("sessions-attacher.mjs", import.meta.url));
const STARTS = 30;
const ATTACHES = 100;
const KEYS = 300;
const KEY_GAP_MS = 5;
const PER_ROW = 60;
const LINES = 10_000;

export async function* benchAttach(folder) {
  const house = new SessionsHouse(folder);
  try {
    yield await firstPrompt(house);
    const argv = ["/bin/bash", "-c", `seq -f 'line %g of them, with some more text' ${LINES}; echo done; read x`];
    const big = await house.start({ argv });
    await house.client.wait(big.id, { text: "^done" });
    yield await attaching(house, big);
    yield* echoes(house, big);
  } finally {
    await house.close();
  }
}

/** Plain bash and a session, in turn. */
async function firstPrompt(house) {
  const [plain, sessions] = [[], []];
  for (let count = -1; count < STARTS; count++) {
    let began = performance.now();
    const bare = barePty(house, "/bin/bash", []);
    await bare.until((text) => text.includes(PROMPT));
    const bareMs = performance.now() - began;
    bare.close();
    began = performance.now();
    const { id } = await house.start();
    const one = await attached(house, id, { keepsScreen: true });
    await one.until((text) => text.includes(PROMPT));
    const sessionMs = performance.now() - began;
    await house.client.killSession(id, "SIGKILL");
    if (count < 0) continue; // the first holder is started
    plain.push(bareMs);
    sessions.push(sessionMs);
  }
  const added = quantile(sessions, 0.5) - quantile(plain, 0.5);
  return {
    what: "new session to first prompt: p50, p99",
    figure: p50p99(sessions),
    peer: `plain bash ${p50p99(plain)}`,
    verdict: target(added <= 40, `${added.toFixed(1)} ms more at p50 (at most 40)`),
  };
}

async function attaching(house, { id }) {
  const taken = [];
  for (let count = -1; count < ATTACHES; count++) {
    const began = performance.now();
    const one = await attached(house, id);
    if (count >= 0) taken.push(performance.now() - began);
    await one.attachment.detach();
  }
  const asks = [];
  for (let count = 0; count < ATTACHES; count++) {
    const began = performance.now();
    await house.client.getSession(id);
    asks.push(performance.now() - began);
  }
  return {
    what: `attach, ${LINES} lines behind it: p50, p99`,
    figure: p50p99(taken),
    peer: `one question ${p50p99(asks)}`,
    verdict: target(quantile(taken, 0.99) <= 50, "at most 50 ms at p99"),
  };
}

/** A bare pty, a session, and that session while others attach, a key each in turn. */
async function* echoes(house, big) {
  const bare = barePty(house, "/bin/cat", []);
  const cat = await house.start({ argv: ["/bin/cat"] });
  const one = await attached(house, cat.id);
  const rounds = async () => {
    const [ofBare, ofSession] = [[], []];
    for (let count = 0; count < KEYS; count++) {
      ofBare.push(await echo(bare, count));
      ofSession.push(await echo(one, count));
      await sleep(KEY_GAP_MS);
    }
    return { ofBare, ofSession };
  };
  const alone = await rounds();
  const attacher = spawn(process.execPath, [ATTACHER, house.env.XDG_RUNTIME_DIR, big.id], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(attacher.stdout, "data");
  const beside = await rounds();
  attacher.kill("SIGKILL");
  bare.close();
  for (const [what, { ofBare, ofSession }] of [
    ["key to echo: p50, p99", alone],
    ["key to echo while another client attaches 10 times a second: p50, p99", beside],
  ]) {
    yield {
      what,
      figure: p50p99(ofSession),
      peer: `bare pty ${p50p99(ofBare)}, ${ratio(quantile(ofSession, 0.5), quantile(ofBare, 0.5))}`,
      verdict: target(quantile(ofSession, 0.99) < 5, "under 5 ms at p99"),
    };
  }
}

async function echo({ write, until }, count) {
  const key = count % PER_ROW === PER_ROW - 1 ? "\n" : String.fromCharCode(97 + (count % 26));
  const began = performance.now();
  write(Buffer.from(key));
  await until((text) => text.includes(key));
  return performance.now() - began;
}

function barePty(house, file, args) {
  const env = { ...house.env, TERM: "xterm-256color" };
  const pty = spawnPty({ file, args, cols: 80, rows: 24, cwd: house.base, env, name: "xterm-256color" });
  const told = new Told();
  pty.onData((data) => told.take(data));
  const close = () => {
    pty.kill("SIGKILL");
    pty.close();
  };
  return { write: (bytes) => pty.write(bytes), until: (isThere) => told.until(isThere), close };
}

/** A client that has been given the screen. `keepsScreen`: what is on it counts as told. */
async function attached(house, id, { keepsScreen = false } = {}) {
  const attachment = await house.client.attach(id, { cols: 80, rows: 24 });
  const told = new Told();
  const screen = new Promise((resolve) => {
    void (async () => {
      for await (const message of attachment.messages) {
        if (message.type === "output") told.take(message.data);
        if (message.type !== "screen") continue;
        if (keepsScreen) told.take(message.dump);
        resolve();
      }
    })();
  });
  await screen;
  return { attachment, write: (bytes) => attachment.send(bytes), until: (isThere) => told.until(isThere) };
}

/** What was told since it was asked for last. */
class Told {
  #text = "";
  #wake = () => {};

  take(bytes) {
    this.#text += Buffer.from(bytes).toString("latin1");
    this.#wake();
  }

  async until(isThere) {
    while (!isThere(this.#text)) {
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#text = "";
  }
}
