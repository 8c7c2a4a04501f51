// How a command ended, with sense: not every status but 0 is an error.
import type { Command } from "./command.js";
import { lastCommand } from "./last-command.js";
import { programOf } from "./program-of.js";

/**
 * `answered`: its status says no, as grep's does where nothing matches, or whoever read its output had enough; `interrupted`: by
 * ctrl-C, ctrl-\ or ctrl-Z; `unknown`: nothing tells.
 */
export type CommandOutcome = "succeeded" | "failed" | "answered" | "interrupted" | "unknown";

/** Signals that keys send. */
const FROM_KEYS: ReadonlySet<string> = new Set(["SIGINT", "SIGQUIT", "SIGTSTP"]);

/** Statuses that are answers, by program or by program and task. */
const ANSWERS: ReadonlyMap<string, readonly number[]> = new Map<string, readonly number[]>([
  ..."grep egrep fgrep zgrep rg ag ack ugrep pgrep pkill pidof diff cmp colordiff zdiff test [ [[ (( let expr which type command hash fzf lsof read locate mountpoint look"
    .split(" ")
    .map((program): [string, number[]] => [program, [1]]),
  ["git grep", [1]],
  ["git diff", [1]],
  ["git config", [1]],
  ["git merge-base", [1]],
  ["git check-ignore", [1]],
  ["git show-ref", [1]],
  ["git diff-index", [1]],
  ["git ls-remote", [2]],
  ["systemctl is-active", [3, 4]],
  ["systemctl is-enabled", [1, 4]],
  ["systemctl is-failed", [1]],
  ["systemctl status", [3]],
  ["npm outdated", [1]],
  ["pnpm outdated", [1]],
  ["dnf check-update", [100]],
  ["yum check-update", [100]],
  ["terraform plan", [2]],
  ["getent", [2]],
  ["t2a grep", [1]],
  ["t2a compare", [1]],
]);

/** How the command ended, as far as its status tells. */
export function outcomeOf({
  exitStatus,
  signal,
  line,
}: Pick<Command, "exitStatus" | "signal" | "line">): CommandOutcome {
  if (exitStatus === 0) return "succeeded";
  if (signal !== undefined && FROM_KEYS.has(signal)) return "interrupted";
  if (signal === "SIGPIPE") return "answered";
  if (exitStatus === undefined) return signal === undefined ? "unknown" : "failed";
  return line !== undefined && isAnswer(line, exitStatus) ? "answered" : "failed";
}

function isAnswer(line: string, status: number): boolean {
  const last = lastCommand(line);
  // What compares in double brackets has no words a program's name could be read from.
  const arithmetic = /^\s*(?:!\s*)?\(\(/.test(last) ? "((" : undefined;
  const { program, task } = programOf(last);
  const names = [arithmetic, task, program].filter((name) => name !== undefined);
  return names.some((name) => ANSWERS.get(name)?.includes(status));
}

/** Programs that show texts of other times and places: errors in them are not their own. */
const SHOW_TEXT: ReadonlySet<string> = new Set(
  (
    "cat bat less more most head tail tac nl grep egrep fgrep zgrep zcat rg ag ack ugrep sed awk gawk mawk cut sort uniq wc " +
    "strings fold column man info help tldr echo printf print history fc ls ll la tree find fd locate stat diff cmp colordiff " +
    "delta vi vim nvim nano emacs hx micro jq yq xxd hexdump od journalctl dmesg tmux screen git-log watch tee asciinema t2a " +
    "alias set env printenv declare type which apropos whatis pydoc perldoc ri gh glab"
  ).split(" "),
);
const SHOW_TEXT_TASKS: ReadonlySet<string> = new Set([
  ..."log show diff blame grep shortlog reflog whatchanged help stash-show".split(" ").map((task) => `git ${task}`),
  ..."logs inspect events history".split(" ").map((task) => `docker ${task}`),
  ..."logs describe get events explain".split(" ").map((task) => `kubectl ${task}`),
  "docker compose logs",
  "systemctl status",
  "cargo doc",
  "go doc",
  "npm view",
  "npm help",
  "rustc --explain",
]);

/** Whether the line shows texts: those may hold errors that are none of its own. */
export function showsTexts(line: string): boolean {
  return [line, lastCommand(line)].some((part) => {
    const { program, task } = programOf(part);
    return (program !== undefined && SHOW_TEXT.has(program)) || (task !== undefined && SHOW_TEXT_TASKS.has(task));
  });
}
