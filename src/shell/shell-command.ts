// Whether what is to be recorded is a shell that t2a has an integration for, and nothing else: one of them with arguments
// that leave it interactive. Whatever is not understood is left alone.
import { basename } from "node:path";

/** The shells there is an integration for. */
export const SHELL_KINDS = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type ShellKind = (typeof SHELL_KINDS)[number];

/** A shell to start, and what its arguments say of its start files. */
export interface ShellCommand {
  readonly kind: ShellKind;
  /** As it was given: a path, or a name to be found in PATH. */
  readonly file: string;
  readonly args: readonly string[];
  readonly isLogin: boolean;
  /** bash: start files that are not to be read. */
  readonly noProfile: boolean;
  readonly noRc: boolean;
  /** bash: the file in place of ~/.bashrc. */
  readonly rcFile: string | undefined;
}

/** Words that /bin/sh would hand on as they are. */
const PLAIN_WORDS = /^[ \t]*[A-Za-z0-9_./+,@:-]+(?:[ \t]+[A-Za-z0-9_./+,@:-]+)*[ \t]*$/;

/** Options that change nothing about an interactive start, beside those with a meaning here: single letters, then words. */
const HARMLESS: Readonly<Record<ShellKind, { readonly letters: RegExp; readonly words: readonly string[] }>> = {
  bash: { letters: /^-[abefhilmuvxBCEHT]+$/, words: ["--login", "--noediting", "--noprofile", "--norc", "--verbose"] },
  zsh: { letters: /^-[dilx]+$/, words: ["--login", "--interactive"] },
  fish: { letters: /^-[ilPN]+$/, words: ["--login", "--interactive", "--private", "--no-config"] },
};

/**
 * The shell that `command` starts; `shell` where there is no command. Undefined where it is something else: another program,
 * a script, a line for a shell, a shell that is restricted, in POSIX mode or not interactive.
 */
export function parseShellCommand(command: string | undefined, shell: string): ShellCommand | undefined {
  if (command !== undefined && !PLAIN_WORDS.test(command)) return undefined;
  const [file = "", ...args] = command === undefined ? [shell] : command.trim().split(/[ \t]+/);
  const kind = SHELL_KINDS.find((name) => name === basename(file));
  if (kind === undefined) return undefined;
  const read = { isLogin: false, noProfile: false, noRc: false, rcFile: undefined as string | undefined };
  const { letters, words } = HARMLESS[kind];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (kind === "bash" && (word === "--rcfile" || word === "--init-file")) {
      read.rcFile = args[++at];
      if (read.rcFile === undefined) return undefined;
    } else if (!letters.test(word) && !words.includes(word)) return undefined;
    read.isLogin ||= word === "--login" || /^-[A-Za-z]*l/.test(word);
    read.noProfile ||= word === "--noprofile";
    read.noRc ||= word === "--norc";
  }
  return { kind, file, args, ...read };
}
