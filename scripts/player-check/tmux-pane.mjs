// One program in a real tmux of a given size: keys go in, the pane is looked at. A server of its own, gone with it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

const LOOK_MS = 20;

/** A tmux with one pane. */
export class TmuxPane {
  #folder = mkdtempSync(join(tmpdir(), "t2a-player-"));
  #size;

  /** Starts `command` (words) in a pane of `cols` x `rows`. */
  constructor(command, { cols, rows }, env = {}) {
    this.#size = { cols, rows };
    const words = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    const variables = Object.entries({ COLORTERM: "truecolor", ...env }).flatMap(([name, value]) => [
      "-e",
      `${name}=${value}`,
    ]);
    const options = [
      ["set-option", "-g", "status", "off"],
      ["set-option", "-g", "default-terminal", "tmux-256color"],
      ["set-option", "-g", "remain-on-exit", "on"],
    ].flatMap((option) => [...option, ";"]);
    this.#tmux(
      "-u",
      "start-server",
      ";",
      ...options,
      "new-session",
      "-d",
      "-x",
      String(cols),
      "-y",
      String(rows),
      ...variables,
      words,
    );
  }

  /** What is shown, with its styles; where the cursor is, from 0, and whether it is shown. */
  look() {
    const cursor = ["display-message", "-p", "#{cursor_x} #{cursor_y} #{cursor_flag}"];
    const text = this.#tmux(...cursor, ";", "capture-pane", "-p", "-e", "-N");
    const end = text.indexOf("\n");
    const [x, y, flag] = text.slice(0, end).split(" ").map(Number);
    return { capture: text.slice(end + 1), cursor: { x, y, visible: flag === 1 } };
  }

  get size() {
    return this.#size;
  }

  /** Types keys by tmux's names (`Enter`, `Escape`). */
  keys(...names) {
    this.#tmux("send-keys", ...names);
  }

  /** Types text as it is. */
  type(text) {
    this.#tmux("send-keys", "-l", "--", text.replace(/;$/, "\\;")); // at an argument's end it separates commands
  }

  /** Looks until `isThere(look)` or `limitMs` are over, and gives the last look. */
  async lookUntil(isThere, limitMs) {
    const end = Date.now() + limitMs;
    for (;;) {
      const look = this.look();
      if (isThere(look) || Date.now() > end) return look;
      await setTimeout(LOOK_MS);
    }
  }

  /**
   * As {@link lookUntil}.
   * @throws where it was not there in time, with what was shown.
   */
  async until(isThere, what, limitMs = 10_000) {
    const look = await this.lookUntil(isThere, limitMs);
    if (!isThere(look)) throw new Error(`no ${what} in ${limitMs / 1000} s:\n${look.capture}`);
    return look;
  }

  close() {
    this.#tmux("kill-server");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #tmux(...args) {
    const env = { ...process.env, LC_ALL: "C.UTF-8", TMUX: "", TMUX_TMPDIR: this.#folder };
    const { stdout, stderr, status } = spawnSync("tmux", ["-L", "player", "-f", "/dev/null", ...args], {
      env,
      encoding: "utf8",
    });
    if (status !== 0 && args[0] !== "kill-server") throw new Error(`tmux ${args.join(" ")}: ${stderr.trim()}`);
    return stdout;
  }
}
