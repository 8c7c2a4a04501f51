// t2a commands on what t2a recorded of a real shell: equal to what was typed, which is known here in advance.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { openRecording } from "../../formats/index.js";
import { eachEvent } from "../../src/core/index.js";
import { openFileSource } from "../../src/files/index.js";
import { pollUntil } from "../support/poll-until.js";
import { missing, titled } from "../support/programs.js";
import { PtyDriver } from "../support/pty-driver.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));

/** Marks as terminals' own integrations write them: ends only where something ran; `$1` writes one mark. */
const integration = (mark: string, before: string) => `
HISTCONTROL=
shopt -s cmdhist lithist
PS2='> '
ran=0
mark() { ${mark}; }
prompt() { local status=$?; if ((ran)); then mark "D;$status"; ran=0; fi; mark A; printf '\\e]7;file://here%s\\a' "$PWD"; }
PROMPT_COMMAND=prompt
PS1='$ \\[$(mark B)\\]'
PS0='${before}$(mark C)\${PS1:$((ran=1,0)):0}'
`;
const ON_SCREEN = integration(`printf '\\e]133;%s\\a' "$1"`, "");
/** Two integrations at once; the one tells the line. */
const TOLD = `${integration(`printf '\\e]633;%s\\a\\e]133;%s\\e\\\\' "$1" "$1"`, "$(line)")}
line() {
  local text=$(HISTTIMEFORMAT= history 1 | sed '1s/^ *[0-9]* *//')
  text=\${text//\\\\/\\\\\\\\}; text=\${text//;/\\\\x3b}
  printf '\\e]633;E;%s\\a' "\${text//$'\\n'/\\\\x0a}"
}
`;

const LONG = `: ${"0123456789".repeat(20)}`;

/** Typed lines, and what is to be found of each: the line where the screen shows it otherwise, its status, its signal. */
interface Step {
  readonly type: string;
  /** Typed once this was printed. */
  readonly answer?: { readonly seen: string; readonly type: string };
  readonly line?: { readonly shown: string; readonly told: string };
  readonly status?: number;
  readonly signal?: string;
  readonly none?: boolean;
  readonly depth?: number;
}

const steps = (rc: string): readonly Step[] => [
  { type: "false\r", status: 1 },
  { type: "true\r" },
  { type: "\r", none: true },
  { type: "abandoned\x03", none: true },
  { type: "sleep 0.1\r" },
  { type: `${LONG}\r` },
  { type: "ehco\x1b[D\x1b[D\x14\x05 done\r", line: { shown: "echo done", told: "echo done" } },
  {
    type: "for i in 1 2; do\recho $i\rdone\r",
    line: { shown: "for i in 1 2; do\n> echo $i\n> done", told: "for i in 1 2; do\necho $i\ndone" },
  },
  { type: "cat <<X\rbody\rX\r", line: { shown: "cat <<X\n> body\n> X", told: "cat <<X\nbody\nX" } },
  { type: "echo re''ady; sleep 100\r", answer: { seen: "ready\r\n", type: "\x03" }, status: 130, signal: "SIGINT" },
  { type: "bash -c 'kill -9 $$'\r", status: 137, signal: "SIGKILL" },
  { type: "cd /\r" },
  ...(missing("vim") === undefined ? [{ type: "vim -u NONE -c q\r" }] : []),
  { type: `bash --rcfile ${rc}\r`, status: 7 },
  { type: "false | true\r", depth: 1 },
  { type: "exit 7\r", status: 7, depth: 1 },
  { type: "seq 5000\r" },
  { type: "exit 3\r", status: 3 },
];

const wanted = ({ type, line, status = 0, signal, depth = 0 }: Step, kind: "shown" | "told") => ({
  line: line?.[kind] ?? type.replace("\r", ""),
  exitStatus: status,
  signal: signal ?? null,
  depth,
});

/** Time of the first event, at that time or later, that holds a mark. */
async function firstMark(file: string, mark: string, from: number): Promise<number> {
  const recording = await openRecording(await openFileSource(file));
  try {
    for await (const event of eachEvent(recording))
      if (event.kind === "output" && event.time >= from && Buffer.from(event.data).includes(mark)) return event.time;
    throw new Error(`no ${mark} from ${from} on`);
  } finally {
    await recording.close();
  }
}

/** Types each step when the shell asks for it, into t2a that records. */
async function typeInto(driver: PtyDriver, all: readonly Step[]): Promise<void> {
  const prompts = () => driver.text.split("]133;B").length - 1;
  let expected = 1;
  for (const { type, answer } of all) {
    await pollUntil(`prompt ${expected} before ${type}`, () => prompts() >= expected);
    expected++;
    driver.type(type);
    if (answer === undefined) continue;
    await driver.sees(answer.seen);
    driver.type(answer.type);
  }
}

it.for([
  { name: "that shows its lines", rc: ON_SCREEN, kind: "shown" },
  { name: "that tells its lines, in two ways at once", rc: TOLD, kind: "told" },
] as const)(titled("finds what was run in a bash $name", missing("bash")), async ({ rc, kind }) => {
  const path = tempDir();
  writeFileSync(path("rc"), rc);
  const all = steps(path("rc"));
  const env = {
    PATH: process.env.PATH,
    HOME: path(""),
    TERM: "xterm-256color",
    LC_ALL: "C.UTF-8",
    HISTFILE: "/dev/null",
  };
  const driver = new PtyDriver(
    process.execPath,
    [T2A, "record", "-q", "-c", `exec bash --rcfile ${path("rc")} -i`, path("demo.cast")],
    { env, cwd: "/usr" },
  );
  onTestFinished(() => driver.close());
  await typeInto(driver, all);
  expect(await driver.ends()).toMatchObject({ status: 0 });

  const listed = await runCli(["commands", "--json", path("demo.cast")]);
  expect(listed).toMatchObject({ status: 0, stderr: "" });
  const found = JSON.parse(listed.stdout) as Record<string, unknown>[];
  const brief = found.map(({ line, exitStatus, signal, depth }) => ({ line, exitStatus, signal, depth }));
  expect(brief).toEqual(all.filter(({ none }) => !none).map((step) => wanted(step, kind)));

  const one = (line: string) => found.find((command) => command.line === line);
  expect(one("false")).toMatchObject({ cwd: "/usr", outputBytes: 0 });
  expect(one("seq 5000")).toMatchObject({ cwd: "/", outputBytes: 28_893 });
  const { startNs, durationNs } = one("sleep 0.1") as { startNs: number; durationNs: number };
  expect(durationNs).toBe((await firstMark(path("demo.cast"), "]133;D", startNs)) - startNs);
  expect(found.every(({ trusted, source }) => trusted === false && source === "marks")).toBe(true);
});
