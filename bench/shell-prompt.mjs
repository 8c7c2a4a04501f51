// What the shell integration adds to a prompt: milliseconds from enter to the next prompt, with and without it, in turns, after
// an empty line and after a command.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawn } from "node-pty";
import { has, target } from "./measure.mjs";

const PROMPTS = 200;
/** Prompts before those that count. */
const WARM_UP = 20;
const PROMPT = "t2a-bench-prompt> ";
const SCRIPTS = new URL("../src/shell/", import.meta.url);

/** How each shell is started with nothing but a prompt, and with the integration behind it. */
const SHELLS = {
  bash: (folder, script) => {
    const file = join(folder, `rc${script === "" ? "" : "-t2a"}`);
    writeFileSync(file, `HISTCONTROL=ignoreboth\nPS1='${PROMPT}'\n${script}`);
    return { args: ["--rcfile", file, "-i"], env: {} };
  },
  zsh: (folder, script) => {
    const home = mkdtempSync(join(folder, "zsh-"));
    writeFileSync(join(home, ".zshrc"), `PROMPT='${PROMPT}'\nunsetopt prompt_sp\n${script}`);
    return { args: ["-d"], env: { ZDOTDIR: home } };
  },
  fish: (_folder, script) => ({
    args: ["--no-config", "-C", `function fish_prompt; echo -n '${PROMPT}'; end\n${script}`],
    env: {},
  }),
};

/** Starts a shell; `turn(line)` types a line and gives the milliseconds until the next prompt. */
async function start(shell, script, folder) {
  const { args, env } = SHELLS[shell](folder, script);
  const clean = { PATH: process.env.PATH, HOME: folder, LC_ALL: "C.UTF-8", HISTFILE: "/dev/null", ...env };
  const pty = spawn(shell, args, { encoding: null, cols: 80, rows: 24, env: clean, name: "dumb" });
  let told = () => {};
  let seen = "";
  pty.onData((data) => {
    seen = (seen + data.toString("latin1")).slice(-4096);
    if (seen.includes(PROMPT)) told();
  });
  const prompt = () =>
    new Promise((resolve) => {
      told = resolve;
      if (seen.includes(PROMPT)) resolve();
    });
  await prompt();
  const turn = async (line) => {
    seen = "";
    const sent = process.hrtime.bigint();
    pty.write(`${line}\r`);
    await prompt();
    return Number(process.hrtime.bigint() - sent) / 1e6;
  };
  return { turn, end: () => pty.kill("SIGKILL") };
}

async function medians(shell, line, folder) {
  const script = readFileSync(fileURLToPath(new URL(`t2a.${shell}`, SCRIPTS)), "utf8");
  const shells = [await start(shell, "", folder), await start(shell, script, folder)];
  const times = [[], []];
  for (let round = 0; round < WARM_UP + PROMPTS; round++)
    for (const [n, { turn }] of shells.entries()) {
      const took = await turn(line);
      if (round >= WARM_UP) times[n].push(took);
    }
  for (const { end } of shells) end();
  return times.map((list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)]);
}

export async function* benchShellPrompt({ folder }) {
  for (const shell of Object.keys(SHELLS)) {
    if (!has(shell)) continue;
    const home = mkdtempSync(join(folder, "shell-"));
    for (const [what, line] of [
      ["an empty line", ""],
      ["a command", ":"],
    ]) {
      const [bare, marked] = await medians(shell, line, home);
      const added = marked - bare;
      yield {
        what: `${shell}: prompt after ${what}, median of ${PROMPTS}`,
        figure: `${marked.toFixed(2)} ms`,
        peer: `without integration ${bare.toFixed(2)} ms`,
        verdict: target(shell !== "bash" || added <= 1, `${added.toFixed(2)} ms added (at most 1, bash)`),
      };
    }
    rmSync(home, { recursive: true, force: true });
  }
}
