// What is left of a terminal when the program that plays on it dies of itself.
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { PtyDriver } from "../support/pty-driver.js";

const DIST = fileURLToPath(new URL("../../dist/src", import.meta.url));

/** A program that has a dirty terminal when it comes to `ending`. */
function program(ending: string): string {
  return `
    const { findUserTty } = await import("${DIST}/pty/index.js");
    const { TtyView } = await import("${DIST}/play/index.js");
    const view = new TtyView(findUserTty());
    view.start(() => {});
    await view.output(Buffer.from("\\x1b[?1049h\\x1b[?25l\\x1b[31mdirty"));
    ${ending}`;
}

describe("TtyView in a program that ends without closing it", () => {
  let driver: PtyDriver | undefined;
  afterEach(() => driver?.close());

  it.each([
    [
      "an exception nobody catches",
      'setImmediate(() => { throw new Error("crash"); }); setInterval(() => {}, 1000);',
      1,
    ],
    ["a call of process.exit", "process.exit(7);", 7],
  ])("leaves the terminal clean: %s", async (_name, ending, status) => {
    // Waits for a line first: the terminal's own side has set its modes when it types.
    const script = 'read _; stty -g; "$0" --input-type=module -e "$1"; s=$?; stty -g; exit $s';
    driver = new PtyDriver("sh", ["-c", script, process.execPath, program(ending)]);
    driver.type("\n");
    expect((await driver.ends()).status).toBe(status);
    const closing = driver.text.slice(driver.text.lastIndexOf("dirty"));
    expect(closing).toContain("\x1b[?1049l");
    expect(closing).toContain("\x1b[0m");
    expect(closing).toContain("\x1b[?25h");
    const [before, after] = driver.text.match(/[0-9a-f]+(?::[0-9a-f]+){10,}/g) ?? [];
    expect(before).toBeDefined();
    expect(after).toBe(before);
  });

  it("has nothing to undo where nothing was changed", async () => {
    const ending = 'await view.close(); console.log("bye");';
    driver = new PtyDriver(process.execPath, [
      "--input-type=module",
      "-e",
      program(ending).replace(/\\x1b[^"]*dirty/, "plain"),
    ]);
    expect((await driver.ends()).status).toBe(0);
    expect(driver.text).toBe("plain\r\nbye\r\n");
  });
});
