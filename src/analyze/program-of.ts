// Which program a command line runs, and which task of it: `git commit` of `sudo -u me git commit -m x`.
import { firstCommandWords, type ShellWord } from "./shell-words.js";

/** Names of programs are cut here, in units. */
const MAX_NAME_UNITS = 100;

/** Words before a program that run it; those of their options that take the next word with them. */
const WRAPPERS: ReadonlyMap<string, RegExp> = new Map([
  ["sudo", /^(?:-[AbEeHiKkNnPSsVv]*[ugphCDRTUrt]|--(?:user|group|prompt|host|chdir|chroot|close-from|role|type))$/],
  ["doas", /^-[Lns]*[uC]$/],
  ["env", /^(?:-[i0v]*[uC]|--unset|--chdir)$/],
  ["time", /^(?:-[apv]*[fo]|--format|--output)$/],
  ["nice", /^(?:-n|--adjustment)$/],
  ["ionice", /^(?:-[cnp]|--class|--classdata)$/],
  ["stdbuf", /^(?:-[ioe]|--input|--output|--error)$/],
  ["timeout", /^(?:-[ks]|--kill-after|--signal)$/],
  ["taskset", /^$/],
  ["exec", /^-[cl]*a$/],
  ...["nohup", "setsid", "command", "builtin", "noglob", "nocorrect", "unbuffer", "caffeinate", "and", "or", "not"].map(
    (name) => [name, /^$/] as const,
  ),
  // What a line of several commands may begin with.
  ...["if", "then", "while", "until", "do", "else", "begin"].map((name) => [name, /^$/] as const),
]);
/** These take a word of their own before the program. */
const HAS_OPERAND: ReadonlySet<string> = new Set(["timeout", "taskset"]);

/** Programs whose next word says what they do. */
const HAS_TASKS: ReadonlySet<string> = new Set(
  (
    "git hg svn jj gh npm pnpm yarn bun deno npx pip pip3 uv poetry cargo rustup go make just task bazel gradle gradlew mvn " +
    "docker podman docker-compose kubectl helm terraform tofu ansible aws gcloud az systemctl journalctl service brew " +
    "apt apt-get dnf yum pacman apk zypper snap flatpak nix dotnet composer bundle rake rails mix stack cabal swift " +
    "flutter tmux t2a"
  ).split(" "),
);
const TASK_WORD = /^[a-z][a-z0-9:_-]{0,39}$/i;
/** Their task is a word further: `npm run build`, `docker compose up`. */
const TWO_WORDS: ReadonlySet<string> = new Set([
  "run",
  "compose",
  "exec",
  "remote",
  "stash",
  "image",
  "container",
  "pr",
]);

/** Options before a task that take the next word with them: `git -C folder status`. */
const OPTION_BEFORE_TASK =
  /^(?:-[CcHnf]|--(?:git-dir|work-tree|namespace|context|prefix|file|project-name|host|cwd|dir|directory|profile|region))$/;

/** What a command line does. */
export interface LineProgram {
  /** The program's name without its folder; undefined where the line names none (assignments, comments alone). */
  readonly program: string | undefined;
  /** The program with what it is told to do; undefined as above. */
  readonly task: string | undefined;
  /** It runs as somebody else: sudo, doas. */
  readonly isElevated: boolean;
}

/** Reads the line's first simple command, behind assignments and wrappers such as sudo, env, time, nohup. */
export function programOf(line: string): LineProgram {
  if (last?.line !== line) last = { line, program: readProgram(line) };
  return last.program;
}

/** Several analyzers ask of each line, one after the other. */
let last: { readonly line: string; readonly program: LineProgram } | undefined;

function readProgram(line: string): LineProgram {
  const words = firstCommandWords(line);
  const { at, isElevated } = programAt(words);
  const word = words[at];
  if (word === undefined || word.text === "") return { program: undefined, task: undefined, isElevated };
  const program = nameOf(word.text);
  return { program, task: [program, ...taskWords(program, words.slice(at + 1))].join(" "), isElevated };
}

function programAt(words: readonly ShellWord[]): { readonly at: number; readonly isElevated: boolean } {
  let isElevated = false;
  let at = skipAssignments(words, 0);
  for (let name = words[at]?.text ?? ""; ; name = words[at]?.text ?? "") {
    const takesNext = WRAPPERS.get(nameOf(name));
    if (takesNext === undefined) return { at, isElevated };
    const next = skipOptions(words, at + 1, takesNext) + (HAS_OPERAND.has(nameOf(name)) ? 1 : 0);
    const behind = skipAssignments(words, next);
    // `command -v x`, `sudo -l`: nothing is run, the wrapper is the program.
    if (words[behind] === undefined || isQuestion(words, at)) return { at, isElevated };
    isElevated ||= /^(?:sudo|doas)$/.test(nameOf(name));
    at = behind;
  }
}

function isQuestion(words: readonly ShellWord[], at: number): boolean {
  return words[at]?.text === "command" && /^-[vV]$/.test(words[at + 1]?.text ?? "");
}

function skipAssignments(words: readonly ShellWord[], start: number): number {
  let at = start;
  for (let word = words[at]; word?.isBare && /^[A-Za-z_][A-Za-z0-9_]*\+?=/.test(word.text); word = words[at]) at++;
  return at;
}

function skipOptions(words: readonly ShellWord[], start: number, takesNext: RegExp): number {
  let at = start;
  for (let word = words[at]; word?.text.startsWith("-"); word = words[at]) {
    at += takesNext.test(word.text) ? 2 : 1;
    if (word.text === "--") break;
  }
  return at;
}

function nameOf(word: string): string {
  const name = word.replace(/\/+$/, "").replace(/^.*\//s, "");
  return (name === "" ? word : name).slice(0, MAX_NAME_UNITS);
}

function taskWords(program: string, rest: readonly ShellWord[]): readonly string[] {
  if (!HAS_TASKS.has(program)) return [];
  const at = skipOptions(rest, 0, OPTION_BEFORE_TASK);
  const [first = "", second = ""] = rest.slice(at, at + 2).map(({ text }) => text);
  if (!TASK_WORD.test(first)) return [];
  return TWO_WORDS.has(first) && TASK_WORD.test(second) ? [first, second] : [first];
}
