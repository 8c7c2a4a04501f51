// t2a record with real shells: what their marks tell is what was typed, which is known here in advance; the user's shell is
// otherwise as it would be.
import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { missing, titled } from "../support/programs.js";
import { runCli } from "../support/run-cli.js";
import { commandsOf, readRecorded, type Step, startSession, textOf, wanted } from "./shell-session.js";

/** What is typed in every shell; where shells differ the shell says so. */
const steps = (shell: Shell, style: Style): readonly Step[] => [
  { type: "false\r", status: 1 },
  { type: "true; false\r", status: 1 },
  { type: "false; true\r" },
  { type: "\r", line: null },
  shell.name === "fish"
    ? {
        type: "aban",
        answers: [
          { seen: "aban", type: "\x03" },
          { seen: /\^C|\[status/, type: "" },
        ],
        line: null,
        goesOn: true,
      }
    : { type: "abandoned\x03", line: null },
  { type: "false | true | false\r", status: 1 },
  { type: "echo 'ünï 日本 😀; \\ \"x\"'\r" },
  shell.loop,
  ...(shell.name === "fish" ? [] : [{ type: "cat <<X\ra;b\\c\rX\r", line: "cat <<X\na;b\\c\nX" }]),
  ...(shell.name === "fish" ? [] : [{ type: "(echo in a shell of its own)\r" }]),
  { type: "sleep 0.01 &\r" },
  { type: "wait\r" },
  ...(missing("vim") === undefined ? [{ type: "vim -u NONE -c q\r" }] : []),
  { type: "printf '\\e[?1049hfull\\e]633;D;5\\a screen\\e[?1049l'\r" },
  { type: "sh -c 'kill -9 $$'\r", status: 137 },
  { type: "sh -c 'echo re\"\"ady; exec sleep 100'\r", answers: [{ seen: "ready\r\n", type: "\x03" }], status: 130 },
  { type: "cd /\r", to: "/" },
  { type: " echo led by a space\r", line: `${style.leading ?? " "}echo led by a space` },
  { type: "echo again\r" },
  { type: "echo again\r" },
  { type: " echo again\r", line: `${style.leading ?? " "}echo again` },
  {
    type: "bash --norc\r",
    answers: [
      { seen: "bash-", type: "echo with''in\r" },
      { seen: "within\r\n", type: "exit 7\r" },
    ],
    status: 7,
  },
  { type: 'env > "$HOME/env.txt"\r' },
  { type: "yes 0123456789abcdef | head -c 2000000\r" },
  { type: "exit 3\r", status: shell.exitStatus },
];

/** A way in which a shell may be set up. */
interface Style {
  readonly files: Readonly<Record<string, string>>;
  /** What is told of a space before a line; a space by default. */
  readonly leading?: string;
  /** What its prompt shows after `false | true | false`. */
  readonly shows?: string;
}

interface Shell {
  readonly name: "bash" | "zsh" | "fish";
  readonly loop: Step;
  /** What the mark of `exit` says: most shells are gone by then. */
  readonly exitStatus: number | undefined;
  /** Where it keeps its history. */
  readonly history: string;
  readonly styles: Readonly<Record<string, Style>>;
}

/** A prompt that is computed anew each time, of several rows, and shows what it was given. */
const STARSHIP_BASH = `
HISTCONTROL=ignoreboth
starship_preexec() { STARSHIP_STARTED=1; }
starship_precmd() {
  local status=$? pipe="\${PIPESTATUS[*]}" last=$_
  PS1=$'\\n'"[status $status pipe $pipe] \\w"$'\\n'"> "
  unset STARSHIP_STARTED
  return $status
}
PS0='\${STARSHIP_START_TIME:$((STARSHIP_START_TIME=1,0)):0}'
PROMPT_COMMAND=starship_precmd
`;

/** As bash-preexec goes about it: arrays of functions, a DEBUG trap, and PROMPT_COMMAND taken over at the first prompt. */
const PREEXEC_BASH = `
bash_preexec_imported=defined
precmd_functions=(my_precmd)
preexec_functions=(my_preexec)
my_precmd() { PS1="[status $?] > "; }
my_preexec() { printf '{%s}' "$1"; }
hook_ready=0
hook_precmd() {
  local status=$? f
  for f in "\${precmd_functions[@]}"; do hook_return $status; "$f"; done
  hook_ready=1
  return $status
}
hook_return() { return "$1"; }
hook_preexec() {
  local f line
  ((hook_ready)) || return 0
  hook_ready=0
  line=$(HISTTIMEFORMAT= builtin history 1)
  for f in "\${preexec_functions[@]}"; do "$f" "\${line#*[0-9][* ] }"; done
}
PROMPT_COMMAND=hook_precmd
trap '[[ $BASH_COMMAND == hook_precmd ]] || hook_preexec' DEBUG
`;

/** fish makes them in the background else, at its first start. */
const NO_COMPLETIONS = { ".local/share/fish/generated_completions/none": "" };

const SHELLS: readonly Shell[] = [
  {
    name: "bash",
    loop: {
      type: "for i in 1 2; do\recho $i\rdone\r",
      line: "for i in 1 2; do echo $i; done", // as bash's own history joins it
    },
    exitStatus: undefined,
    history: ".bash_history",
    styles: {
      plainly: { files: { ".bashrc": "HISTCONTROL=ignoreboth\nPS1='$ '\n" }, leading: "" },
      "with starship's way": { files: { ".bashrc": STARSHIP_BASH }, leading: "", shows: "[status 1 pipe 1 0 1]" },
      "with bash-preexec's way": { files: { ".bashrc": PREEXEC_BASH }, shows: "[status 1] >" },
    },
  },
  {
    name: "zsh",
    loop: { type: "for i in 1 2; do\recho $i\rdone\r", line: "for i in 1 2; do\necho $i\ndone" },
    exitStatus: undefined,
    history: ".zsh_history",
    styles: {
      plainly: { files: { ".zshrc": "setopt hist_ignore_space\nHISTFILE=~/.zsh_history SAVEHIST=100\n" } },
      "with starship's way": {
        shows: "[status 1 pipe 1 0 1]",
        files: {
          ".zshrc": `HISTFILE=~/.zsh_history SAVEHIST=100
autoload -Uz add-zsh-hook
starship_precmd() { PROMPT=$'\\n'"[status $? pipe $pipestatus] %~"$'\\n> '; RPROMPT='right side' }
add-zsh-hook precmd starship_precmd
starship_preexec() { STARTED=1 }
add-zsh-hook preexec starship_preexec
`,
        },
      },
    },
  },
  {
    name: "fish",
    loop: { type: "for i in 1 2\recho $i\rend\r", line: "for i in 1 2\necho $i\nend" },
    exitStatus: 3,
    history: ".local/share/fish/fish_history",
    styles: {
      plainly: { files: { ...NO_COMPLETIONS, ".config/fish/config.fish": "set fish_greeting\n" } },
      "with starship's way": {
        shows: "[status 1 pipe 1 0 1]",
        files: {
          ...NO_COMPLETIONS,
          ".config/fish/config.fish": `set fish_greeting
function fish_prompt
  set -l code $status
  printf '\\n[status %s pipe %s]\\n> ' $code "$pipestatus"
end
function fish_right_prompt; echo right side; end
`,
        },
      },
    },
  },
];

for (const shell of SHELLS) {
  const isMissing = missing(shell.name);
  describe.each(Object.entries(shell.styles))(`${shell.name} %s`, (_name, style) => {
    it.skipIf(isMissing)(titled("tells what was typed, where, and how it ended", isMissing), async () => {
      const all = steps(shell, style);
      // fish takes keys as its own only when the prompt is drawn: before, ctrl-C is the terminal's.
      const drawn = shell.name === "fish" ? { prompt: /\]633;A;[\s\S]*?[#>] \x1b\[K/ } : {};
      const session = startSession({ files: style.files, args: ["-c", shell.name], ...drawn });
      await session.type(all);
      expect(await session.driver.ends()).toMatchObject({ status: 0 });
      const { header, marks, output } = await readRecorded(session.file);
      expect(commandsOf(marks)).toEqual(wanted(all));
      // Nothing but the shell's own is proven, and all of that.
      const ownMarks = marks.filter((mark) => "proof" in mark && mark.proof !== undefined);
      expect(ownMarks.every(({ proven }) => proven)).toBe(true);
      expect(marks.filter(({ proven }) => proven)).toHaveLength(ownMarks.length);
      // The shell is as it would be.
      const [nonce = "none"] = /[0-9a-f]{32}/.exec(output.toString("latin1")) ?? [];
      expect(JSON.stringify(header, (_, value) => (typeof value === "bigint" ? `${value}` : value))).not.toContain(
        nonce,
      );
      expect(header.command).toBe(shell.name);
      const variables = textOf(session.path("env.txt"));
      const names = variables.split("\n").map((line) => line.split("=")[0] ?? "");
      expect(names.filter((name) => /t2a|ZDOTDIR|POSIX|^ENV$|PROMPT|PS\d/i.test(name)).toSorted()).toEqual([
        "T2A_REC",
        "T2A_RECORDING",
      ]);
      expect(variables).not.toContain(nonce);
      const history = textOf(session.path(shell.history));
      expect(history).not.toMatch(/t2a|builtin/);
      expect(history).toContain("false | true | false");
      expect(readdirSync(session.path("")).filter((name) => name.startsWith("t2a-"))).toEqual([]);
      if (style.shows !== undefined) expect(output.toString()).toContain(style.shows);

      const listed = await runCli(["commands", "--json", session.file]);
      const found = (JSON.parse(listed.stdout) as { line: string; exitStatus: number; cwd: string; trusted: boolean }[])
        .filter(({ trusted }) => trusted)
        .map(({ line, exitStatus: status, cwd }) => ({ line, status, cwd }));
      // That of `exit` is told by the recording's end.
      expect(found).toEqual(wanted(all).map((command) => ({ ...command, status: command.status ?? 3 })));
    });
  });
}
void existsSync;
