// Checks that recordings know their commands: types a list of commands into bash, zsh and fish in tmux, each with several kinds of
// prompt, while t2a records, and compares lines, folders, statuses, depths and output with what is known in advance.
// Prints what differs; ends with status 1 on any difference.
// usage: npm run check:shells -- [--only PATTERN] [--preexec FILE] [--keep DIR]     (--preexec: bash-preexec, where it is at hand)
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, parseArgs } from "node:util";

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, preexec: { type: "string" }, keep: { type: "string" } },
});
const T2A = fileURLToPath(new URL("../bin/t2a.js", import.meta.url));
const PATIENCE_MS = 30_000;

/** A prompt of two lines that is made anew before each prompt, with something on the right side, as starship has it. */
const FANCY = {
  bash: `fancy() { local status=$?; PS1="\\n\\[\\e[1;36m\\]\\w\\[\\e[0m\\] on \\[\\e[35m\\]main\\[\\e[0m\\] took $status\\n\\[\\e[1;32m\\]❯\\[\\e[0m\\] "; }
PROMPT_COMMAND=fancy
`,
  zsh: `autoload -Uz add-zsh-hook
fancy() { local code=$?; PROMPT=$'\\n%F{cyan}%~%f on %F{magenta}main%f took '$code$'\\n%F{green}❯%f '; RPROMPT='%T' }
add-zsh-hook precmd fancy
setopt prompt_subst
`,
  fish: `function fish_prompt
    set -l code $status
    printf '\\n\\e[36m%s\\e[0m on \\e[35mmain\\e[0m took %s\\n\\e[32m❯\\e[0m ' $PWD $code
end
function fish_right_prompt
    date +%H:%M
end
`,
};

/** A step: what is typed, and the command that comes of it. `seen` comes before `keys` are pressed, `within` where no prompt follows. */
const command = (line, { status = 0, output = "", cwd, type = [line, "Enter"], ...more } = {}) => {
  return { type, expected: { line, status, output, cwd, depth: 0, trusted: true, ...more } };
};
/** Output that is told by the shell itself, each in its own words. */
const ANY = Symbol("any");
const LOOP = {
  bash: 'for i in 1 2; do\necho "n $i"\ndone',
  zsh: 'for i in 1 2; do\necho "n $i"\ndone',
  fish: 'for i in 1 2\necho "n $i"\nend',
};

function steps(shell) {
  const isFish = shell === "fish";
  const loop = LOOP[shell];
  // bash keeps one line of several in its history.
  const told = shell === "bash" ? 'for i in 1 2; do echo "n $i"; done' : loop;
  return [
    command("echo hello", { output: "hello" }),
    { type: ["Enter"] },
    command("false; true"),
    command("false", { status: 1 }),
    command("cd /usr"),
    command("pwd", { cwd: "/usr", output: "/usr" }),
    command(told, {
      cwd: "/usr",
      type: loop.split("\n").flatMap((line) => [line.trim(), "Enter"]),
      output: "n 1\nn 2",
    }),
    { type: ["abc", "C-c"], ...(isFish ? { within: "^C" } : {}) },
    ...(isFish
      ? []
      : [
          command("cat <<E\none; two\nE", {
            cwd: "/usr",
            type: ["cat <<E", "Enter", "one; two", "Enter", "E", "Enter"],
            output: "one; two",
          }),
        ]),
    command("sleep 0.01 &", { cwd: "/usr", output: ANY }),
    command("wait", { cwd: "/usr", output: ANY }),
    command("vim -u NONE -N", { cwd: "/usr", keys: [":q!", "Enter"], seen: "\\u001b[?1049h" }),
    command("seq 1 400000 | head -c 2000000", {
      cwd: "/usr",
      lines: { first: "1", last: "301", count: 301_587 },
      output: ANY,
    }),
    command("sh -c 'kill -9 $$'", { cwd: "/usr", status: 137, output: ANY }),
    command("sleep 60", { cwd: "/usr", status: 130, keys: ["C-c"], seen: "sleep 60", output: ANY }),
    {
      type: ["bash --norc", "Enter"],
      expected: { line: "bash --norc", status: 0, cwd: "/usr", depth: 0, trusted: true },
      within: "bash-",
    },
    {
      type: ["echo inner", "Enter"],
      expected: { line: "echo inner", output: "inner", depth: 1, trusted: false },
      within: "inner",
    },
    { type: ["exit", "Enter"], expected: { line: "exit", depth: 1, trusted: false } },
    command("printf '%s\\n' 'a;b\\c ünï 日本'", { cwd: "/usr", output: "a;b\\c ünï 日本" }),
    command("exit 3", { cwd: "/usr", status: 3, output: ANY, isLast: true }),
  ];
}

const VARIANTS = [
  ["bash", "plain", ""],
  ["bash", "fancy", FANCY.bash],
  ...(values.preexec === undefined
    ? []
    : [
        [
          "bash",
          "preexec",
          `${readFileSync(values.preexec, "utf8")}\nprecmd_functions+=(noop)\npreexec_functions+=(noop)\nnoop() { :; }\n`,
        ],
      ]),
  ["zsh", "plain", ""],
  ["zsh", "fancy", FANCY.zsh],
  ["fish", "plain", ""],
  ["fish", "fancy", FANCY.fish],
];
const START_FILES = { bash: ".bashrc", zsh: ".zshrc", fish: ".config/fish/config.fish" };

let failures = 0;
let checked = 0;
for (const [shell, prompt, rc] of VARIANTS) {
  const name = `${shell}-${prompt}`;
  if (!new RegExp(values.only).test(name)) continue;
  if (spawnSync(shell, ["--version"]).status !== 0) console.log(`${name}: ${shell} is not installed`);
  else await check(name, shell, rc);
}
console.log(`${checked} commands checked, ${failures} differ`);
process.exitCode = failures > 0 || checked === 0 ? 1 : 0;

async function check(name, shell, rc) {
  const folder = values.keep === undefined ? mkdtempSync(join(tmpdir(), "t2a-shells-")) : join(values.keep, name);
  const home = join(folder, "home");
  rmSync(home, { recursive: true, force: true });
  rmSync(join(folder, `${name}.cast`), { force: true });
  mkdirSync(join(home, ".config/fish"), { recursive: true });
  writeFileSync(join(home, START_FILES[shell]), rc);
  const file = join(folder, `${name}.cast`);
  const tmux = (...args) => execFileSync("tmux", ["-L", `t2a-${process.pid}`, "-f", "/dev/null", ...args]);
  const env = { PATH: process.env.PATH, HOME: home, SHELL: shell, LC_ALL: "C.UTF-8", XDG_RUNTIME_DIR: home };
  const assignments = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  tmux(
    "new-session",
    "-d",
    "-x",
    "100",
    "-y",
    "30",
    "-c",
    "/",
    "env",
    "-i",
    ...assignments,
    "TERM=tmux-256color",
    process.execPath,
    T2A,
    "record",
    "-q",
    "--overwrite",
    "--finalize",
    "never",
    "-c",
    shell,
    file,
  );
  const plan = steps(shell);
  try {
    await type(plan, file, tmux);
  } catch (error) {
    failures++;
    console.log(`${name}: ${error.message}`);
  } finally {
    spawnSync("tmux", ["-L", `t2a-${process.pid}`, "kill-server"]);
  }
  compare(
    name,
    file,
    plan.flatMap(({ expected }) => expected ?? []),
  );
  if (values.keep === undefined) rmSync(folder, { recursive: true });
}

/** Presses the keys of each step when the one before is over. */
async function type(plan, file, tmux) {
  const recorded = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
  const until = async (what, isTrue) => {
    const end = Date.now() + PATIENCE_MS;
    while (!isTrue()) {
      if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
      await setTimeout(20);
    }
    // The prompt itself comes behind its mark.
    await setTimeout(150);
  };
  const prompts = () => recorded().split("633;A;").length;
  const keys = (list) => {
    for (const key of list) tmux("send-keys", ...(/^(?:Enter|C-c)$/.test(key) ? [key] : ["-l", key]));
  };
  await until("the first prompt", () => prompts() > 1);
  for (const step of plan) {
    const before = recorded().length;
    const promptsBefore = prompts();
    for (const key of step.type) {
      keys([key]);
      await setTimeout(60);
    }
    const { expected = {} } = step;
    if (expected.seen !== undefined) {
      await until(expected.seen, () => recorded().indexOf(expected.seen, before) >= 0);
      keys(expected.keys);
    }
    if (expected.isLast)
      return await until("the end", () => spawnSync("tmux", ["-L", `t2a-${process.pid}`, "has-session"]).status !== 0);
    if (step.within !== undefined) await until(step.within, () => recorded().indexOf(step.within, before) >= 0);
    else await until(`a prompt after ${step.type[0]}`, () => prompts() > promptsBefore);
  }
}

function compare(name, file, expected) {
  const t2a = (...args) => execFileSync(process.execPath, [T2A, ...args], { encoding: "utf8", maxBuffer: 1 << 28 });
  const found = JSON.parse(t2a("commands", "--json", file));
  if (found.length !== expected.length)
    tell(
      name,
      "the list",
      expected.map(({ line }) => line),
      found.map(({ line }) => line),
    );
  for (const [index, wanted] of expected.entries()) {
    const command = found[index];
    if (command === undefined) break;
    const { line, status, cwd = "/", depth, trusted, output, lines } = wanted;
    checked++;
    const isInner = depth > 0;
    const want = { line, cwd: isInner ? null : cwd, exitStatus: isInner ? null : status, depth, trusted };
    const have = {
      line: command.line,
      cwd: command.cwd,
      exitStatus: command.exitStatus,
      depth: command.depth,
      trusted: command.trusted,
    };
    if (!isDeepStrictEqual(want, have)) tell(name, line, want, have);
    if (lines === undefined && (output === ANY || output === undefined)) continue;
    const text = t2a("output", file, String(index + 1)).replace(/\n$/, "");
    if (lines === undefined) {
      if (text !== output) tell(name, `output of ${line}`, output, text);
      continue;
    }
    const rows = text.split("\n");
    const ends = { first: rows[0], last: rows.at(-1), count: rows.length };
    if (!isDeepStrictEqual(ends, lines)) tell(name, `output of ${line}`, lines, ends);
  }
}

function tell(name, what, wanted, found) {
  failures++;
  console.log(`${name}: ${what}\n  wanted ${JSON.stringify(wanted)}\n  found  ${JSON.stringify(found)}`);
}
