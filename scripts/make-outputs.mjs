// Makes fixtures/outputs: runs what scripts/outputs/*.cases lists, each in a fresh folder on a terminal of its own, and keeps the
// line, its exit status, what it printed and what is expected of the rules. For a machine that is thrown away: it must be root, in a
// mount and host-name namespace (`unshare -mu`), with a user `me`; it empties /home/me/app over and over. scripts/outputs/prepare.sh
// starts what the cases talk to.
// usage: node scripts/make-outputs.mjs CASES OUTPUT [ID...]   (ids: only these are made again)
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";

const [casesPath, outputPath, ...only] = process.argv.slice(2);
const MAX_BYTES = 8000;
const HOME = "/home/me";
const ENV = {
  HOME,
  USER: "me",
  LOGNAME: "me",
  SHELL: "/bin/bash",
  TERM: "dumb",
  NO_COLOR: "1",
  LANG: "C.UTF-8",
  PAGER: "cat",
  PATH: `${HOME}/bin:/opt/tools/node_modules/.bin:/opt/rust/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/usr/lib/postgresql/15/bin:/usr/games`,
  CARGO_HOME: `${HOME}/.cargo`,
  GOPROXY: "off",
  npm_config_registry: "http://localhost:4873/",
  npm_config_fetch_retries: "0",
  npm_config_update_notifier: "false",
  PIP_INDEX_URL: "http://localhost:4873/simple/",
  PIP_RETRIES: "0",
};

/** `## id family shell=zsh as=root`, lines that make ready, `$ ` and the line (more lines: a line that ends in \). */
function parseCases(text) {
  return text
    .split(/^## /m)
    .slice(1)
    .map((block) => {
      const [head = "", ...rest] = block.trimEnd().split("\n");
      const [id = "", family = "-", ...options] = head.trim().split(/\s+/);
      const at = rest.findIndex((line) => line.startsWith("$ "));
      const line = rest.slice(at).join("\n").slice(2);
      const { shell = "bash", as = "me" } = Object.fromEntries(options.map((option) => option.split("=")));
      return { id, family: family === "-" ? null : family, shell, as, setup: rest.slice(0, at).join("\n"), line };
    });
}

function become(user, argv, cwd) {
  return user === "root"
    ? [argv[0], argv.slice(1)]
    : ["setpriv", ["--reuid", "me", "--regid", "me", "--clear-groups", "--", ...argv], cwd];
}

const SHELLS = {
  bash: ["bash", "--norc", "--noprofile", "-i", "-c"],
  zsh: ["zsh", "-f", "-i", "-c"],
  fish: ["fish", "-N", "-c"],
  dash: ["dash", "-c"],
  script: ["bash", "-c"],
};

function run({ shell, as, setup, line }) {
  execFileSync("sh", ["-c", `cd / && rm -rf ${HOME}/app && mkdir ${HOME}/app && chown me:me ${HOME}/app`]);
  const cwd = `${HOME}/app`;
  const options = { cwd, env: ENV, input: "", timeout: 120_000 };
  if (setup.trim() !== "") {
    const [file, args] = become(as, ["bash", "-c", setup]);
    const made = spawnSync(file, args, options);
    if (made.status !== 0) console.error(`  setup: status ${made.status} ${String(made.stderr).slice(0, 400)}`);
  }
  // More than one command: a shell that becomes its last one cannot say how that was killed.
  const command = [...SHELLS[shell], `${line}\n${shell === "fish" ? "exit $status" : "(exit $?)"}`]
    .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
    .join(" ");
  const [file, args] = become(as, [
    "script",
    "-qec",
    `ulimit -c 0; stty cols 160 rows 50; exec ${command}`,
    "/dev/null",
  ]);
  const { status, stdout } = spawnSync(file, args, { ...options, maxBuffer: 1 << 24 });
  return { status, output: plain(stdout.toString("utf8")) };
}

/** As a terminal leaves it: no styles, what a carriage return wrote over. */
function plain(text) {
  const lines = text
    .replace(/\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[[(][0-9;?]*[a-zA-Z]|\x1b[=>]/g, "")
    .replace(/\r+\n/g, "\n")
    .split("\n")
    .map((line) => overwritten(line).trimEnd());
  let kept = lines.join("\n").trimEnd();
  if (Buffer.byteLength(kept) > MAX_BYTES)
    kept = `${kept.slice(0, MAX_BYTES / 2)}\n[...]\n${kept.slice(-MAX_BYTES / 2 + 10)}`;
  return kept;
}

function overwritten(line) {
  return line
    .split("\r")
    .reduce((shown, part) => part + shown.slice(part.length), "")
    .replace(/[^\n]\x08/g, "")
    .replace(/[\x00-\x08\x0b-\x1f]/g, "");
}

const kept = new Map();
if (only.length > 0)
  for (const row of readFileSync(outputPath, "utf8").trim().split("\n")) kept.set(JSON.parse(row).id, row);
const rows = [];
for (const each of parseCases(readFileSync(casesPath, "utf8"))) {
  if (only.length > 0 && !only.includes(each.id) && kept.has(each.id)) {
    rows.push(kept.get(each.id));
    continue;
  }
  const { status, output } = run(each);
  console.error(`${each.id}: ${status}, ${output.length} characters`);
  rows.push(JSON.stringify({ id: each.id, line: each.line, exitStatus: status, family: each.family, output }));
}
writeFileSync(outputPath, `${rows.join("\n")}\n`);
chmodSync(outputPath, 0o644);
