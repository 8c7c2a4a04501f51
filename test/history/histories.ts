// History entries as tests make them up, and what shells read of a history file.
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import type { HistoryEntry, HistoryName } from "../../src/history/index.js";
import { openHistory } from "../../src/history/index.js";
import { hostileLine } from "../analyze/commands.js";
import { MemorySource } from "../support/memory-io.js";

/** Entries with times in order, some without anything but their line. */
export function entries(): fc.Arbitrary<HistoryEntry[]> {
  // fish lists nothing of the future.
  const second = fc.bigInt({ min: 1n, max: 1_700_000_000n });
  const entry = fc.record({
    line: hostileLine().filter((line) => line.trim() !== ""),
    time: second.chain((seconds) =>
      fc.bigInt({ min: 0n, max: 999_999_999n }).map((nanos) => seconds * 10n ** 9n + nanos),
    ),
    duration: fc.option(fc.nat({ max: 1e12 }), { nil: undefined }),
    exitStatus: fc.option(fc.nat({ max: 255 }), { nil: undefined }),
    cwd: fc.option(fc.constantFrom("/", "/home/ann", "/a b\n'c'"), { nil: undefined }),
    user: fc.option(fc.constantFrom("ann", "root"), { nil: undefined }),
    host: fc.option(fc.constantFrom("box", "日本"), { nil: undefined }),
  });
  return fc.array(entry, { maxLength: 20 });
}

/** What is read of a history's bytes, cut into chunks. */
export async function readBack(
  bytes: Uint8Array | string,
  { shell, name = "h", chunkSize = 5 }: { shell?: HistoryName; name?: string; chunkSize?: number } = {},
): Promise<HistoryEntry[]> {
  const source = new MemorySource(Buffer.from(bytes), { name, chunkSize });
  const history = await openHistory(source, { shell });
  const found: HistoryEntry[] = [];
  for await (const entry of history.entries) found.push(entry);
  await history.close();
  return found;
}

/** The lines that a shell lists of the history file, oldest first. */
export function listedBy(shell: "bash" | "zsh" | "fish", file: string, folder: string): string[] {
  const { program, between } = LISTS[shell];
  const { stdout, stderr, status } = spawnSync(shell, [...program], {
    env: {
      ...{ PATH: process.env.PATH, HOME: folder, LC_ALL: "C.UTF-8", LISTED: file },
      ...{ XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    },
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${shell} ended with ${status}: ${stderr}`);
  return between(stdout.toString("utf8"));
}

const LISTS = {
  bash: {
    program: [
      ...["--norc", "--noprofile", "-c"],
      `set -o history; HISTSIZE=100000 HISTTIMEFORMAT=$'\\x1e\\x1e%s '; history -c; history -r "$LISTED"; history`,
    ],
    between: (text: string) =>
      text
        .split(/^ *[0-9]+\*? +\x1e\x1e[0-9]+ /m)
        .slice(1)
        .map((line) => line.slice(0, -1)),
  },
  zsh: {
    program: [
      ...["-f", "-c"],
      `HISTSIZE=100000; zmodload zsh/parameter; fc -R $LISTED; print -s end
       for i in \${(kon)history}; do print -rn -- "$history[$i]"; print -n '\\036\\036\\n'; done`,
    ],
    between: (text: string) => text.split("\x1e\x1e\n").slice(0, -1),
  },
  fish: {
    program: ["-c", "history search --null --reverse; true"],
    between: (text: string) => text.split("\0").slice(0, -1),
  },
} as const;
