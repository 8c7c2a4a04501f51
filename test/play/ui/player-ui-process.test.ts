// What is left of a terminal when the program that plays on it dies of itself, or is ended by a signal.
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { PtyDriver } from "../../support/pty-driver.js";

const DIST = fileURLToPath(new URL("../../../dist/src", import.meta.url));

/** A program that plays on the terminal when it comes to `ending`. */
function program(ending: string): string {
  return `
    const { findUserTty } = await import("${DIST}/pty/index.js");
    const { CachedRecording, Player, PlayerUi } = await import("${DIST}/play/index.js");
    const data = Buffer.from("\\x1b[31mshown");
    const open = async () => ({
      header: { cols: 80, rows: 24 },
      format: "test",
      batches: (async function* () { yield [{ kind: "output", time: 0, data }]; })(),
      close: async () => {},
    });
    const player = new Player({ recording: await CachedRecording.open({ open }) });
    const ui = new PlayerUi({ player, tty: findUserTty(), depth: "truecolor", title: "t", onQuit: () => player.stop() });
    ui.start();
    player.on("ended", () => setTimeout(() => { ${ending} }, 50));
    await player.run();
    await ui.close("::: the end");`;
}

describe("PlayerUi in a program", () => {
  let driver: PtyDriver | undefined;
  afterEach(() => driver?.close());

  /** Runs the program between two looks at the terminal's modes. */
  function run(ending: string): PtyDriver {
    // Waits for a line first: the terminal's own side has set its modes when it types.
    const script = 'read _; stty -g; "$0" --input-type=module -e "$1"; s=$?; stty -g; exit $s';
    driver = new PtyDriver("sh", ["-c", script, process.execPath, program(ending)]);
    driver.type("\n");
    return driver;
  }

  it.each([
    ["an exception nobody catches", 'throw new Error("crash");', 1],
    ["a call of process.exit", "process.exit(7);", 7],
    ["a signal", 'process.kill(process.pid, "SIGTERM");', 143],
  ])("leaves the terminal clean after %s", async (_name, ending, status) => {
    const { text, exit } = await run(ending)
      .ends()
      .then(() => ({ text: driver?.text ?? "", exit: driver?.exit }));
    expect(exit?.status).toBe(status);
    const closing = text.slice(text.lastIndexOf("shown"));
    for (const sequence of ["\x1b[?1049l", "\x1b[?25h", "\x1b[?7h", "\x1b[?1002l", "\x1b[?2004l"]) {
      expect(closing).toContain(sequence);
    }
    const [before, after] = text.match(/[0-9a-f]+(?::[0-9a-f]+){10,}/g) ?? [];
    expect(before).toBeDefined();
    expect(after).toBe(before);
  });

  it("leaves the last screen and the last line when it is ended by a key", async () => {
    const playing = run("");
    await playing.sees("shown");
    playing.type("q");
    expect((await playing.ends()).status).toBe(0);
    expect(playing.text.split("\x1b[?1049l")[1]).toMatch(/^\x1b\[G\x1b\[31mshown\x1b\[0m\r\n::: the end\r\n/);
  });
});
