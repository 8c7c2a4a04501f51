// A second opinion: tmux is shown the same bytes and must show the same text.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Screen } from "../../src/terminal/index.js";

const COLS = 80;
const ROWS = 24;
const hasTmux = spawnSync("tmux", ["-V"]).status === 0;
if (!hasTmux) console.warn("tmux.test.ts is skipped: tmux is not installed");

// Left out: line drawing (capture-pane prints the letters) and BS at a pending wrap (tmux is a column off from xterm).
const STREAMS: readonly (readonly [string, string])[] = [
  ["plain lines", Array.from({ length: 40 }, (_, i) => `line ${i}`).join("\r\n")],
  ["wrapping", `${"0123456789".repeat(25)}\r\n${"x".repeat(80)}\r\ny`],
  ["wide characters", `日本語テキスト\r\n${"語".repeat(45)}\r\nü ñ é e\u0301 ─│┌ 👍 ok`],
  ["cursor movement", "\x1b[5;10Hfive\x1b[2Aup\x1b[3Bdown\x1b[10Dback\x1b[Gstart\x1b[20dlow\x1b[4Enext\x1b[2Fprev"],
  [
    "erasing",
    `${"abcdefghij\r\n".repeat(10)}\x1b[3;4H\x1b[K\x1b[5;4H\x1b[1K\x1b[6H\x1b[2K\x1b[7;2H\x1b[3X\x1b[9;3H\x1b[J`,
  ],
  [
    "inserting and deleting",
    "abcdef\x1b[3D\x1b[2@XY\x1b[2P\r\nrow two\r\nrow three\x1b[2;1H\x1b[L\x1b[4;1H\x1b[M\x1b[4hins\x1b[4l",
  ],
  [
    "margins and scrolling",
    `${Array.from({ length: 20 }, (_, i) => `r${i}`).join("\r\n")}\x1b[5;10r\x1b[10;1H\n\n\x1b[5;1H\x1bM\x1b[2S\x1b[T`,
  ],
  ["origin mode", "\x1b[5;10r\x1b[?6h\x1b[1;1Htop\x1b[99;1Hbottom\x1b[?6l\x1b[1;1Hhome"],
  ["tab stops", "a\tb\tc\x1b[1;5H\x1bH\x1b[2;1Hx\ty\x1b[3g\r\n\tz\x1b[5;20H\x1b[Zback"],
  ["saved cursors", "abc\x1b7\r\ndef\x1b8XYZ\x1b[10;10H\x1b[s\x1b[H\x1b[uhere"],
  ["the alternate buffer", "normal\x1b[?1049hALTERNATE\x1b[?1049l back"],
  ["inside the alternate buffer", "normal\x1b[?1049h\x1b[3;3Hediting\x1b[1;1Htop"],
  ["autowrap off", `\x1b[?7l${"x".repeat(85)}Y\x1b[?7h\r\nz`],
  ["repetition", "-\x1b[30b\r\nab\x1b[3b"],
  ["strings that show nothing", "a\x1b]0;title\x07b\x1bPq#0\x1b\\c\x1b]8;;http://x\x1b\\d\x1b]8;;\x1b\\e"],
  ["pending wrap", `${"x".repeat(80)}\x1b[31mY\r\n${"x".repeat(80)}\rZ`],
  ["alignment pattern", "\x1b#8\x1b[10;10Hhole\x1b[12;1H\x1b[J"],
];

describe.skipIf(!hasTmux)("tmux", () => {
  const socket = `t2a-test-${process.pid}`;
  const dir = mkdtempSync(join(tmpdir(), "t2a-tmux-"));
  const tmux = (...args: readonly string[]): string => {
    const env = { ...process.env, LC_ALL: "C.UTF-8", TMUX: "", TMUX_TMPDIR: dir };
    return spawnSync("tmux", ["-L", socket, "-f", "/dev/null", ...args], { env, encoding: "utf8" }).stdout;
  };

  beforeAll(() => {
    tmux("-u", "new-session", "-d", "-x", String(COLS), "-y", String(ROWS), "-s", "hold", "sleep 1000");
    tmux("set-option", "-g", "status", "off");
  });
  afterAll(() => {
    tmux("kill-server");
    rmSync(dir, { recursive: true, force: true });
  });

  /** The program sets the title behind its output: when tmux tells it, all output is on the screen. */
  function shownByTmux(name: string, bytes: Uint8Array): string[] {
    const file = join(dir, name);
    writeFileSync(file, bytes);
    const command = `stty raw -echo; cat '${file}'; printf '\\033]2;done\\033\\\\'; sleep 1000`;
    tmux("new-session", "-d", "-x", String(COLS), "-y", String(ROWS), "-s", name, command);
    const deadline = Date.now() + 10_000;
    while (tmux("display-message", "-p", "-t", name, "#{pane_title}").trim() !== "done") {
      if (Date.now() > deadline) throw new Error("tmux did not read the stream in 10 s");
    }
    return tmux("capture-pane", "-p", "-t", name).split("\n").slice(0, ROWS);
  }

  it.each(STREAMS.map(([name, text], index) => [name, text, index] as const))("agrees on %s", (_name, text, index) => {
    const bytes = Buffer.from(text, "utf8");
    const screen = new Screen({ cols: COLS, rows: ROWS });
    screen.feed(bytes);
    expect(screen.text()).toEqual(shownByTmux(`s${index}`, bytes));
  });

  const MESS = "\x1b[?1049h\x1b[3;7r\x1b[?6h\x1b)0\x0e\x1b[4h\x1b[?7l\x1b[44;4mmess\x1b[2J\x1b[3g\x1b7";
  it.each([
    ["another buffer, margins, origin mode, a charset, insert mode and no tab stops", MESS],
    ["what is wide, and a title that is not complete", "日本語テキスト\r\n\x1b[?25l\x1b]2;ti"],
    ["a full screen, and half a sequence", `${"x".repeat(COLS * ROWS)}\x1b[1;3`],
  ])("shows a dump after a reset of %s", (name, before) => {
    const used = new Screen({ cols: COLS, rows: ROWS });
    used.feed(Buffer.from(before));
    for (const [at, [, text]] of STREAMS.entries()) {
      const shown = new Screen({ cols: COLS, rows: ROWS });
      shown.feed(Buffer.from(text));
      const bytes = Buffer.concat([Buffer.from(before), used.reset(), shown.dump()]);
      expect(shownByTmux(`${name.replaceAll(/[^a-z]/g, "").slice(0, 20)}${at}`, bytes)).toEqual(shown.text());
    }
  });
});
