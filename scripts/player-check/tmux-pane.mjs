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

  /** What is shown, with its styles. */
  capture() {
    return this.#tmux("capture-pane", "-p", "-e", "-N");
  }

  /** Where the cursor is, from 0, and whether it is shown. */
  cursor() {
    const [x, y, flag] = this.#tmux("display-message", "-p", "#{cursor_x} #{cursor_y} #{cursor_flag}")
      .trim()
      .split(" ")
      .map(Number);
    return { x, y, visible: flag === 1 };
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

  /**
   * Looks until `isThere(capture)`, and gives what is shown then.
   * @throws after `limitMs`, with what was shown.
   */
  async until(isThere, what, limitMs = 10_000) {
    const end = Date.now() + limitMs;
    for (;;) {
      const shown = this.capture();
      if (isThere(shown)) return shown;
      if (Date.now() > end) throw new Error(`no ${what} in ${limitMs / 1000} s:\n${shown}`);
      await setTimeout(LOOK_MS);
    }
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
