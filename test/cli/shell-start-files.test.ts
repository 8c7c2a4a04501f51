// A shell that t2a record starts with its integration, beside one that it starts without: start files, variables, options and
// the user's own hooks are the same; only the marks are more.
import { existsSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pollUntil } from "../support/poll-until.js";
import { missing, titled } from "../support/programs.js";
import { runCli } from "../support/run-cli.js";
import {
  commandsOf,
  readRecorded,
  type SessionOptions,
  type Step,
  startSession,
  T2A,
  textOf,
} from "./shell-session.js";

/** readline reads keys now: what is typed before goes through the terminal's own line editing. */
const READY = /\]633;A;[^\x07]*\x07\x1b\[\?2004h/;

/** Start files that say they ran, and in whose environment. */
const says = (name: string, more = "") =>
  `echo "${name} ENV=$ENV ZDOTDIR=$ZDOTDIR" >> "$HOME/ran"\nPS1='prompt> '\nPROMPT_SET=1\n${more}\n`;
const BASH_FILES = {
  ".bashrc": says(".bashrc", "HISTCONTROL=ignoreboth"),
  "other.rc": says("other.rc"),
  ".profile": says(".profile"),
};
const ZSH_FILES = Object.fromEntries(
  [".zshenv", ".zprofile", ".zshrc", ".zlogin", ".zlogout"].flatMap((name) => [
    [name, says(name)],
    [`zdot/${name}`, says(`zdot/${name}`)],
  ]),
);
const FISH_FILES = {
  ".local/share/fish/generated_completions/none": "", // else they are made behind the test's back
  ".config/fish/config.fish": `echo config.fish >> $HOME/ran\nfunction fish_prompt; echo -n 'prompt> '; end\n`,
  ".config/fish/conf.d/own.fish": "echo own.fish >> $HOME/ran\n",
};

/** What a shell says of itself, into a file. What is different in every run is left out. */
const STATE = {
  bash: `{ shopt; set -o; echo "$- $0 $SHLVL $HISTFILE [\${ENV-unset}]"; alias; trap -p INT EXIT; env | grep -v '^_=\\|RECORDING\\|_SESSION' | sort; } > "$HOME/state"`,
  zsh: `{ setopt; echo "$- $0 $SHLVL [\${ZDOTDIR-unset}]"; alias; env | grep -v '^_=\\|RECORDING\\|_SESSION' | sort; } > "$HOME/state"`,
  fish: `begin; abbr; alias; echo $SHLVL; status is-login; echo $status; env | grep -v '^_=\\|RECORDING\\|_SESSION' | sort; end > "$HOME/state"`,
};

interface Case {
  readonly command: string;
  readonly files: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly ran: readonly string[];
}

const CASES: readonly Case[] = [
  { command: "bash", files: BASH_FILES, ran: [".bashrc"] },
  { command: "bash", files: BASH_FILES, ran: [".bashrc"], env: { ENV: "/my/env", HISTFILE: "/dev/null" } },
  { command: "bash -l", files: BASH_FILES, ran: [".profile"] },
  { command: "bash -l", files: { ...BASH_FILES, ".bash_login": says(".bash_login") }, ran: [".bash_login"] },
  {
    command: "bash --login",
    files: { ...BASH_FILES, ".bash_login": says(".bash_login"), ".bash_profile": says(".bash_profile", ". ~/.bashrc") },
    env: { ENV: "/my/env", HISTFILE: "/dev/null" },
    ran: [".bash_profile", ".bashrc"],
  },
  { command: "bash --noprofile -l", files: BASH_FILES, ran: [] },
  { command: "bash --norc", files: BASH_FILES, ran: [] },
  { command: "bash --rcfile other.rc -i", files: BASH_FILES, ran: ["other.rc"] },
  { command: "zsh", files: ZSH_FILES, ran: [".zshenv", ".zshrc"] },
  { command: "zsh -l", files: ZSH_FILES, ran: [".zshenv", ".zprofile", ".zshrc", ".zlogin", ".zlogout"] },
  {
    command: "zsh -il",
    files: { ...ZSH_FILES, ".zshenv": says(".zshenv", 'ZDOTDIR="$HOME/zdot"') },
    ran: [".zshenv", "zdot/.zprofile", "zdot/.zshrc", "zdot/.zlogin", "zdot/.zlogout"],
  },
  { command: "fish", files: FISH_FILES, ran: ["own.fish", "config.fish"] },
  { command: "fish --login", files: FISH_FILES, ran: ["own.fish", "config.fish"] },
];

/** Asks a new shell for its state; gives that and what its start files said. */
async function stateOf({ command, files, env }: Case, ...flags: readonly string[]) {
  const [shell = ""] = command.split(" ");
  const session = startSession({
    files,
    args: [...flags, "-c", command],
    atHome: true,
    prompt: /^bash --no/.test(command) ? (shell === "bash" ? "bash-" : "") : "prompt> ",
    env: { XDG_RUNTIME_DIR: "", ...env },
  });
  await session.type([{ type: `${STATE[shell as keyof typeof STATE]}\r` }, { type: "exit\r" }]);
  await session.driver.ends();
  const plain = (text: string) => text.replaceAll(session.path(""), "HOME/");
  return {
    state: plain(textOf(session.path("state"))),
    ran: existsSync(session.path("ran")) ? plain(textOf(session.path("ran"))) : "",
    marks: (await readRecorded(session.file)).marks,
    session,
  };
}

describe("the user's own start", () => {
  for (const one of CASES) {
    const [shell = ""] = one.command.split(" ");
    const reason = missing(shell);
    const name = `is as without the integration: ${one.command}${one.env === undefined ? "" : ", with variables"} (${one.ran})`;
    it.skipIf(reason)(titled(name, reason), async () => {
      const withIt = await stateOf(one);
      const without = await stateOf(one, "--no-shell-integration");
      expect(withIt.state).toBe(without.state);
      expect(withIt.ran).toBe(without.ran);
      expect(
        withIt.ran
          .trim()
          .split("\n")
          .map((line) => line.split(" ")[0])
          .filter((line) => line !== ""),
      ).toEqual(one.ran);
      expect(commandsOf(withIt.marks).length).toBe(2);
      expect(without.marks.filter((mark) => "proof" in mark && mark.proof !== undefined)).toEqual([]);
    });
  }
});

const bashIsMissing = missing("bash");
const zshIsMissing = missing("zsh");

/** A session of these lines in bash, to its end. */
async function sessionOf(options: SessionOptions, ...steps: readonly (string | Step)[]) {
  const session = startSession({ args: ["-c", "bash"], ...options });
  await session.type([
    ...steps.map((step) => (typeof step === "string" ? { type: `${step}\r` } : step)),
    { type: "exit\r" },
  ]);
  await session.driver.ends();
  const recorded = await readRecorded(session.file);
  const commands = commandsOf(recorded.marks).slice(0, -1);
  return { session, ...recorded, commands, lines: commands.map(({ line }) => line), text: recorded.output.toString() };
}

describe("the one-time file", () => {
  it.each(["bash", "bash -l", "zsh", "fish"])("is gone when %s shows its first prompt", async (command) => {
    const [shell = ""] = command.split(" ");
    if (missing(shell) !== undefined) return;
    const session = startSession({ args: ["-c", command] });
    const runtime = () => readdirSync(session.path("")).filter((name) => name.startsWith("t2a-shell-"));
    await session.driver.sees("]633;A;");
    expect(runtime()).toEqual([]);
    session.driver.type("exit\r");
    await session.driver.ends();
  });

  it.skipIf(bashIsMissing)(
    titled("is gone when recording has ended, where no shell has read it", bashIsMissing),
    async () => {
      const session = startSession({ args: ["-c", "zsh"], env: { PATH: "/nonexistent", SHELL: "/bin/bash" } });
      await session.driver.ends();
      expect(readdirSync(session.path("")).filter((name) => name.startsWith("t2a-shell-"))).toEqual([]);
    },
  );

  it.skipIf(bashIsMissing)(titled("is gone also when the recorder is killed", bashIsMissing), async () => {
    const session = startSession({ args: ["-c", "bash"], files: { ".bashrc": "touch ~/begun\n" } });
    await pollUntil("the start file", () => existsSync(session.path("begun")));
    process.kill(session.driver.pty.pid, "SIGKILL");
    await session.driver.ends();
    expect(readdirSync(session.path("")).filter((name) => name.startsWith("t2a-shell-"))).toEqual([]);
  });
});

describe.skipIf(bashIsMissing)(titled("bash", bashIsMissing), () => {
  it.each([
    "PROMPT_COMMAND=show",
    "PROMPT_COMMAND=(show 'more=1')",
    "PROMPT_COMMAND='show; more=1'",
  ])("keeps $?, $_ and PIPESTATUS for the user's prompt code: %s", async (set) => {
    const rc = `show() { echo "<$? \${PIPESTATUS[*]} $_>"; }\n: rc\nPS1='prompt $? $_> '\n${set}\n`;
    const options = { files: { ".bashrc": rc }, prompt: "\x1b[?2004h" };
    const lines = ["false | true", "true | false | true", "echo arg > /dev/null", "(exit 3)", "cd /"];
    const shown = async (...flags: readonly string[]) => {
      const { text } = await sessionOf({ ...options, args: [...flags, "-c", "bash"] }, ...lines);
      return text.replace(/\x1b\](?:633|7);[^\x07]*\x07/g, "");
    };
    const text = await shown();
    expect(text).toContain("<0 0 1 0 ");
    expect(text).toBe(await shown("--no-shell-integration"));
  });

  it("leaves a DEBUG trap of the user's in its place, and one that is set later", async () => {
    const rc = "PS1='$ '\nHISTCONTROL=ignoreboth\n";
    const own = await sessionOf(
      { files: { ".bashrc": `${rc}trap 'echo "<$BASH_COMMAND>"' DEBUG\n` } },
      "echo one",
      " echo two",
      "trap -p DEBUG",
    );
    expect(own.text).toContain("<echo one>");
    expect(own.text).toContain("<echo two>");
    expect(own.lines).toEqual(["echo one", "echo two", "trap -p DEBUG"]);
    expect(own.text.slice(own.text.indexOf("]633;A"))).not.toContain("<__t2a");
    const later = await sessionOf(
      { files: { ".bashrc": rc } },
      "trap 'echo \"<$BASH_COMMAND>\"' DEBUG",
      "echo one",
      "for i in {1..99}; do :; done",
      "echo two",
      "trap -p DEBUG",
    );
    expect(later.text).toContain("<echo two>");
    expect(later.text).toContain(`trap -- 'echo "<$BASH_COMMAND>"' DEBUG`);
  });

  it("knows lines that are kept out of history, and tells them from those that come again", async () => {
    const rc = "PS1='$ '\nHISTIGNORE='secret*'\nHISTCONTROL=ignoreboth:erasedups\n";
    const typed = [
      "echo a; echo b",
      "echo c",
      "echo a; echo b",
      "echo a; echo b",
      " echo d",
      "echo c",
      "secret=1",
      "history -c",
      " echo e",
      "set +o history",
      "echo f",
      "set -o history",
      "echo g",
    ];
    const { lines, session } = await sessionOf({ files: { ".bashrc": rc } }, ...typed);
    expect(lines).toEqual(typed.map((line) => line.trim()));
    expect(textOf(session.path(".bash_history"))).not.toMatch(/secret|echo [def]|t2a/);
  });

  it("tells lines that have each an entry of their own in history", async () => {
    const { lines } = await sessionOf(
      { files: { ".bashrc": "shopt -u cmdhist\nPS1='$ '\n" } },
      "true",
      { type: "for i in 1 2; do\recho $i\rdone\r" },
      "true",
      { type: "for i in 3; do\recho $i\rdone\r" },
      "true",
    );
    expect(lines.filter((line) => line !== undefined)).toEqual([
      "true",
      "true",
      "for i in 3; do\necho $i\ndone",
      "true",
    ]);
  });

  it("keeps lithist's line feeds, cuts a line of 16,384 characters, and shows control characters as escapes", async () => {
    const long = `: ${"x".repeat(3000)}`;
    const { lines } = await sessionOf(
      { prompt: READY, files: { ".bashrc": "shopt -s lithist\nPS1='$ '\n" } },
      { type: "for i in 1; do\r:\rdone\r" },
      long,
      { type: ": \x16\x1b\x16\x01;\r" },
      "x=1",
    );
    expect(lines).toEqual(["for i in 1; do\n:\ndone", long, ": \x1b?;", "x=1"]);
  });

  it("goes on when PROMPT_COMMAND is set anew, with the user's in place of what it was", async () => {
    const { text, lines } = await sessionOf(
      { files: { ".bashrc": "PS1='$ '\nPROMPT_COMMAND='echo first'\n" } },
      "PROMPT_COMMAND='echo second'",
      "true",
      "PROMPT_COMMAND+=('echo third')",
      "true",
      "false",
    );
    expect(lines).toEqual(["PROMPT_COMMAND='echo second'", "true", "PROMPT_COMMAND+=('echo third')", "true", "false"]);
    const last = text.slice(text.lastIndexOf("false"));
    expect(last).toContain("second\r\nthird\r\n");
    expect(last).not.toContain("first");
  });

  it("tells a command's own status where something is put before PROMPT_COMMAND later", async () => {
    const { commands } = await sessionOf(
      { files: { ".bashrc": "PS1='$ '\nPROMPT_COMMAND='mine=$?'\n" } },
      'PROMPT_COMMAND="true; $PROMPT_COMMAND"',
      "false",
      'PROMPT_COMMAND="$PROMPT_COMMAND; true"',
      "(exit 3)",
      "PROMPT_COMMAND='true; '\"$PROMPT_COMMAND\"",
      "(exit 4)",
    );
    expect(commands.map(({ status }) => status)).toEqual([0, 1, 0, 3, 0, 4]);
  });

  it("keeps the user's PS0 and PS1", async () => {
    const { text, lines } = await sessionOf(
      { files: { ".bashrc": "PS1='$ '\nPS0='[\\u]'\n" } },
      'echo "<$PS1>"',
      "PS0='[new]'",
      "true",
    );
    expect(text).toContain("<$ >");
    expect(text).toContain(`[${process.env.USER ?? "root"}]`);
    expect(text).toContain("[new]");
    expect(lines).toEqual(['echo "<$PS1>"', "PS0='[new]'", "true"]);
  });

  it("works where the user's options are strict, and exports nothing even then", async () => {
    const { lines, commands, text } = await sessionOf(
      { files: { ".bashrc": "PS1='$ '\nset -au\n" } },
      "env | grep -c __t2a",
      "export -f | grep -c __t2a",
      "alias printf=false local=false builtin=false",
      "true",
    );
    expect(lines).toHaveLength(4);
    expect(commands.map(({ status }) => status)).toEqual([1, 1, 0, 0]);
    expect(text).not.toMatch(/unbound|error|invalid/);
  });

  it("leaves the terminal to those who send their output elsewhere", async () => {
    const { commands, session } = await sessionOf(
      { files: { ".bashrc": "PS1='$ '\n" } },
      "exec > ~/out",
      "echo kept",
      "cd /",
      "exec > /dev/tty",
    );
    expect(textOf(session.path("out"))).toBe("kept\n");
    expect(commands.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
  });

  it.each([
    ["by a DEBUG trap", "trap '((ran==0))&&{ ran=1; mark \"E;$BASH_COMMAND\"; mark C; }' DEBUG"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: bash's own
    ["by PS0", "PS0='$(mark C)${PS1:$((ran=1,0)):0}'"],
  ])("is counted once beside the integration of a terminal, which marks %s", async (_way, preexec) => {
    const rc = `mark() { printf '\\e]633;%s\\a\\e]133;%s\\a' "$1" "$1"; }
ran=1
other() { local status=$?; ((ran)) && mark "D;$status"; mark "P;Cwd=$PWD"; PS1='\\[$(mark A)\\]$ \\[$(mark B)\\]'; ran=0; return $status; }
PROMPT_COMMAND=other
${preexec}
`;
    const typed = ["false", "(echo sub)", "for i in 1 2; do echo $i; done", "true | false", "cd /"];
    const { session, lines, output } = await sessionOf({ files: { ".bashrc": rc }, prompt: "]7;file://" }, ...typed);
    expect(output.includes("E;__t2a")).toBe(false);
    expect(lines).toEqual(typed);
    const listed = JSON.parse((await runCli(["commands", "--json", session.file])).stdout) as Record<string, unknown>[];
    expect(listed.map(({ line, exitStatus, depth }) => ({ line, exitStatus, depth }))).toEqual(
      [...typed, "exit"].map((line, at) => ({ line, exitStatus: [1, 0, 0, 1, 0, 0][at], depth: 0 })),
    );
  });

  it("is counted once where its own start file has it as well; a shell within is not proven", async () => {
    const node = `${process.execPath} ${new URL("../../bin/t2a.js", import.meta.url).pathname}`;
    const rc = `PS1='$ '\neval "$(${node} shell-init bash)"\n`;
    const { marks, lines } = await sessionOf({ files: { ".bashrc": rc } }, "true", {
      type: "bash\r",
      answers: [
        { seen: "]633;A;", type: "echo in''side\r" },
        { seen: /inside[\s\S]*\]633;A;/, type: "exit 4\r" },
      ],
    });
    expect(lines[0]).toBe("true");
    expect(marks.filter(({ proven, kind }) => proven && kind === "outputStart")).toHaveLength(3);
    const [own, within] = [...new Set(marks.flatMap((mark) => ("aid" in mark ? [mark.aid] : [])))];
    const ofWithin = marks.filter((mark) => "aid" in mark && mark.aid === within);
    expect([own === within, ofWithin.length > 3, ofWithin.some(({ proven }) => proven)]).toEqual([false, true, false]);
  });
});

describe.skipIf(zshIsMissing)(titled("zsh", zshIsMissing), () => {
  it("is marked from the first line on where start files set the functions of prompts anew", async () => {
    const rc =
      'precmd() { : }\nprecmd_functions=(one)\none() { PROMPT="[status $?] " }\npreexec_functions=(two)\ntwo() { : }\n';
    const session = startSession({ args: ["-c", "zsh"], files: { ".zshrc": rc }, prompt: "[status " });
    await session.type([{ type: "false\r" }]);
    await session.driver.sees("[status 1]");
    session.driver.type("exit 2\r");
    await session.driver.ends();
    const { marks } = await readRecorded(session.file);
    const letters = marks.filter(({ proven }) => proven).map(({ kind }) => kind);
    expect(letters).toEqual([
      "commandLine",
      "outputStart",
      "commandEnd",
      "cwd",
      "promptStart",
      "commandLine",
      "outputStart",
    ]);
  });

  it("works where the user's options are those of another shell", async () => {
    const rc = "PROMPT='$ '\nsetopt ksh_arrays sh_word_split glob_subst all_export no_unset warn_create_global\n";
    const { lines, text } = await sessionOf(
      { args: ["-c", "zsh"], files: { ".zshrc": rc } },
      "echo 'a  b' *x",
      "env | grep -c __t2a",
      "cd /tmp",
    );
    expect(lines).toEqual(["echo 'a  b' *x", "env | grep -c __t2a", "cd /tmp"]);
    expect(text).not.toContain("__t2a_");
  });
});

describe("marks that something else prints", () => {
  for (const kind of ["bash", "zsh", "fish"] as const) {
    const reason = missing(kind);
    it.skipIf(reason)(titled(`are not proven, and those of ${kind} still are`, reason), async () => {
      const t2a = `${process.execPath} ${T2A}`;
      const forged = [1, 5, 999_999].map((n) =>
        ["A", "E;rm -rf /", "C", "D;0"].map((body) => `\x1b]633;${body};aid=1;t2a=${"0".repeat(32)}.${n}\x07`).join(""),
      );
      const files = { forged: `${forged.join("")}\x1b]633;E;ls\x07\x1b]133;C\x07ls\n\x1b]133;D;0\x07` };
      const typed = [
        "true",
        "cat ~/forged",
        // Its own recording so far: marks with the right nonce, each of them again.
        `${t2a} convert -q --recover ~/session.cast -f raw -`,
        "cd /",
      ];
      const { marks, lines, session } = await sessionOf(
        { args: ["-c", kind], files, prompt: "]633;P;Cwd" },
        typed[0] ?? "",
        typed[1] ?? "",
        {
          type: `${typed[2]}\r`,
          answers: [{ seen: /(?:\]633;P;Cwd[\s\S]*){4}/, type: "cd /\r" }],
        },
      );
      expect(lines.slice(0, 4)).toEqual(typed);
      const nonce = /[0-9a-f]{32}/.exec(marks.flatMap((mark) => ("proof" in mark ? [mark.proof] : [])).join())?.[0];
      expect(nonce).toBeDefined();
      const proofs = marks.flatMap((mark) => (mark.proven && "proof" in mark ? [mark.proof] : []));
      expect(new Set(proofs).size).toBe(proofs.length);
      const again = marks.filter((mark) => !mark.proven && "proof" in mark && mark.proof?.startsWith(`${nonce}.`));
      expect(again.length).toBeGreaterThan(10);
      const listed = JSON.parse((await runCli(["commands", "--json", session.file])).stdout) as {
        line: string;
        trusted: boolean;
      }[];
      expect(
        listed
          .filter(({ trusted }) => trusted)
          .map(({ line }) => line)
          .slice(0, 4),
      ).toEqual(typed);
    });
  }
});

describe("what is typed, and where", () => {
  for (const kind of ["bash", "zsh", "fish"] as const) {
    const reason = missing(kind);
    it.skipIf(reason)(titled(`is told by ${kind} as it is and never run`, reason), async () => {
      const folder = "a b;c\\d$(touch run)'`touch run`'[$(touch run)]üx%41\"";
      const quoted = `'${folder.replaceAll("\\", kind === "fish" ? "\\\\" : "\\").replaceAll("'", "'\\''")}'`;
      const typed = [
        `mkdir ~/${quoted}; cd ~/${quoted}`,
        `: '$(touch run)' ']' 'a[$(touch run)]' '\${x}' '\`touch run\`' '%n \\x41 & \\\\ ! * ?'`,
        kind === "fish" ? ": ']}-y'" : ": x]}-y",
      ];
      const { lines, commands, session, output } = await sessionOf(
        { atHome: true, args: ["-c", kind], files: { ".config/fish/config.fish": "" } },
        ...typed,
      );
      expect(lines).toEqual(typed);
      expect(commands.at(-1)?.cwd).toBe(session.path(folder));
      expect([session.path("run"), session.path(`${folder}/run`)].some(existsSync)).toBe(false);
      expect(output.toString()).toContain("a%20b%3B");
    });
  }
});

describe("without integration", () => {
  it.each([
    ["what is no shell", ["-c", "true; echo done"], {}],
    ["a shell that runs a line", ["-c", "bash -c 'echo done'"], {}],
    ["a shell that is not to have it", ["--no-shell-integration", "-c", "bash --norc"], {}],
    ["a shell where settings say so", ["-c", "bash --norc"], { T2A_RECORD_SHELL_INTEGRATION: "false" }],
  ])("is %s", async (_what, args, env) => {
    if (bashIsMissing !== undefined) return;
    const session = startSession({ args, env });
    session.driver.type("exit\r");
    await session.driver.ends();
    const { events, output } = await readRecorded(session.file);
    expect(events.some(({ kind }) => kind === "custom")).toBe(false);
    expect(output.includes("]633")).toBe(false);
    expect(readdirSync(session.path(""))).not.toContain("t2a-shell");
  });
});
