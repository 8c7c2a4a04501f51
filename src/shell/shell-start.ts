// Starting a shell with the integration: a file that is there once, for this one shell, brings the script and what proves its
// marks. The shell removes it before it does anything else. The user's own start files run as they would have.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MAX_VARIABLES, VARIABLE_NAME } from "../core/index.js";
import type { ShellCommand } from "./shell-command.js";
import { shellScript } from "./shell-script.js";

type Env = Readonly<Record<string, string | undefined>>;

/** A shell that is ready to be started. */
export interface ShellStart {
  readonly file: string;
  readonly args: readonly string[];
  /** Variables beside the caller's own that the program is started with; the shell has set them back when it shows a prompt. */
  readonly env: Readonly<Record<string, string>>;
  /** What stands in the marks of this shell, and nowhere else: 32 hexadecimal digits. */
  readonly nonce: string;
  /** Removes what is left of the file. Idempotent. */
  remove(): void;
}

/** How to start it. */
export interface ShellStartOptions {
  /** Names of variables that the shell tells of at its prompts, as it has them in its environment: then, and where they have changed. */
  readonly variables?: readonly string[] | undefined;
}

/** What a shell's way of starting asks for. */
interface Plan {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The file's name, and its text. */
  readonly name: string;
  readonly text: string;
}

/** Names that need no quoting anywhere. */
const PLAIN_PATH = /^[A-Za-z0-9/._-]+$/;

/**
 * Writes the file for one start. Undefined where there can be none: no folder to write to, or a shell that its environment
 * puts into POSIX mode.
 */
export function startWithIntegration(
  command: ShellCommand,
  env: Env,
  { variables = [] }: ShellStartOptions = {},
): ShellStart | undefined {
  if (command.kind === "bash" && (env.POSIXLY_CORRECT !== undefined || /\bposix\b/.test(env.SHELLOPTS ?? ""))) {
    return undefined;
  }
  const folder = makeFolder(env);
  if (folder === undefined) return undefined;
  const nonce = randomBytes(16).toString("hex");
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const plan = PLANS[command.kind](command, folder, ending(command.kind, nonce, variables), env);
    writeFileSync(join(folder, plan.name), plan.text, { mode: 0o600, flag: "wx" });
    return { file: command.file, args: plan.args, env: plan.env, nonce, remove };
  } catch {
    remove(); // a full disk is no reason not to record
    return undefined;
  }
}

/** A new folder that nobody else may enter: where the system keeps such things in memory, else where temporary files go. */
function makeFolder(env: Env): string | undefined {
  for (const parent of [env.XDG_RUNTIME_DIR, tmpdir(), "/tmp"]) {
    if (parent === undefined || !parent.startsWith("/") || !PLAIN_PATH.test(parent)) continue;
    try {
      return mkdtempSync(join(parent, "t2a-shell-"));
    } catch {
      // not there or not ours: the next one
    }
  }
  return undefined;
}

const PLANS: Readonly<
  Record<ShellCommand["kind"], (command: ShellCommand, folder: string, end: string, env: Env) => Plan>
> = { bash, zsh, fish };

/** What stands behind the script: what proves its marks, and what the shell tells of. Only where the script took to the shell. */
function ending(kind: ShellCommand["kind"], nonce: string, variables: readonly string[]): string {
  const names = variables.filter((name) => VARIABLE_NAME.test(name)).slice(0, MAX_VARIABLES);
  const looks = names.map(LOOKS[kind]).map((look) => `  __t2a_variable ${look}\n`);
  const body = looks.join("");
  if (kind === "fish") {
    const told = body === "" ? "" : `    function __t2a_variables\n${body}    end\n`;
    return `if set -q __t2a_shell\n    set -g __t2a_nonce ${nonce}\n${told}end\n`;
  }
  const told = body === "" ? "" : `__t2a_variables() {\n${body}}\n`;
  if (kind === "zsh") return `if [[ -n "\${__t2a-}" ]]; then\n__t2a[nonce]=${nonce}\n${told}fi\n`;
  // In a function as well: neither a DEBUG trap nor `set -x` shows it.
  return `__t2a_prove() {
  unset -f __t2a_prove
  { local - && set +aeTux; } 2>/dev/null || return 0
  if [[ -n "\${__t2a[0]-}" ]]; then
    __t2a[nonce]=${nonce}
    ${told}fi
}
__t2a_prove ""
`;
}

/** What is told to `__t2a_variable`: the name, whether it is in the environment, the value. Expanded where nothing of t2a's is in the way. */
const LOOKS: Readonly<Record<ShellCommand["kind"], (name: string) => string>> = {
  bash: (name) => `${name} "\${${name}+\${${name}@a}=}" "\${${name}-}"`,
  zsh: (name) => `${name} "\${(t)${name}-}" "\${${name}-}"`,
  fish: (name) => `${name} (set -qx ${name}; and echo =; or echo) "$${name}"`,
};

/**
 * A plain bash reads the file in place of ~/.bashrc. A login shell takes no such option, and one that is told to read nothing
 * reads a system-wide file all the same if given one: these two are started in POSIX mode, in which $ENV alone is read, and
 * the file takes them out of it before anything else runs.
 */
function bash({ args, isLogin, noProfile, noRc, rcFile }: ShellCommand, folder: string, end: string, env: Env): Plan {
  const name = "start.bash";
  const path = join(folder, name);
  const remove = `command -p rm -rf -- ${folder}\n`;
  if (!isLogin && !noRc) {
    const text = `${remove}${readIf(rcFile === undefined ? "~/.bashrc" : quote(rcFile))}${shellScript("bash")}${end}`;
    return { args: ["--rcfile", path, ...withoutRcFile(args)], env: {}, name, text };
  }
  const before = [
    remove.trimEnd(),
    "set +o posix",
    "shopt -u inherit_errexit", // POSIX mode leaves it on
    env.ENV === undefined ? "unset -v ENV" : `export ENV=${quote(env.ENV)}`,
    ...(env.HISTFILE === undefined ? ["HISTFILE=~/.bash_history"] : []), // POSIX mode has another one
  ].join("\n");
  const profile = isLogin && !noProfile ? PROFILES : "";
  return {
    args: ["--posix", ...args],
    env: { ENV: path },
    name,
    text: `${before}\n${profile}${shellScript("bash")}${end}`,
  };
}

/** What a login bash reads: the first of the three that there is. */
const PROFILES = `if [[ -r /etc/profile ]]; then . /etc/profile; fi
if [[ -r ~/.bash_profile ]]; then . ~/.bash_profile
elif [[ -r ~/.bash_login ]]; then . ~/.bash_login
elif [[ -r ~/.profile ]]; then . ~/.profile
fi
`;

/** zsh reads the file in place of the first of the user's; from then on it looks for them where it would have. */
function zsh({ args }: ShellCommand, folder: string, end: string, env: Env): Plan {
  const back = env.ZDOTDIR === undefined ? "unset ZDOTDIR" : `export ZDOTDIR=${quote(env.ZDOTDIR)}`;
  const text = `command -p rm -rf -- ${folder}
${back}
if [[ -r "\${ZDOTDIR-$HOME}/.zshenv" ]]; then source "\${ZDOTDIR-$HOME}/.zshenv"; fi
${shellScript("zsh")}${end}`;
  return { args, env: { ZDOTDIR: folder }, name: ".zshenv", text };
}

/** fish has an option for it, and runs it after the user's start files. */
function fish({ args }: ShellCommand, folder: string, end: string): Plan {
  const name = "start.fish";
  const text = `command rm -rf -- ${folder}
${shellScript("fish")}${end}`;
  return { args: [...args, "--init-command", `source ${join(folder, name)}`], env: {}, name, text };
}

function readIf(file: string): string {
  return `if [[ -r ${file} ]]; then . ${file}; fi\n`;
}

/** A word that a shell takes as it is. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function withoutRcFile(args: readonly string[]): readonly string[] {
  const isName = (word: string | undefined) => word === "--rcfile" || word === "--init-file";
  return args.filter((word, at) => !isName(word) && !isName(args[at - 1]));
}
