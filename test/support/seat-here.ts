// A terminal for commands that run in the process of the test: a real one, which is looked at and typed into from its other side.
import { onTestFinished } from "vitest";
import { Screen } from "../../src/terminal/index.js";
import { pollUntil } from "./poll-until.js";
import { PtyDriver } from "./pty-driver.js";

/** The terminal. */
export interface SeatHere {
  /** For the command that sits there. */
  readonly path: string;
  readonly screen: Screen;
  readonly rows: readonly string[];
  /** All that was ever written there. */
  readonly text: string;
  type(text: string): void;
  /** As a window does whose size its user changes. */
  resize(cols: number, rows: number): void;
  /** Closes the window. */
  hangUp(): void;
  /** Waits until a row of the screen is so. */
  shows(pattern: string | RegExp): Promise<void>;
}

/** Opens it; it is gone with the test. */
export async function openSeat({ cols = 80, rows = 24 } = {}): Promise<SeatHere> {
  // Something has to be in it, and does not touch what is typed.
  const driver = new PtyDriver("/bin/sh", ["-c", "stty -echo; tty; exec sleep 1000"], { cols, rows });
  onTestFinished(() => driver.close());
  await driver.sees(/\/dev\/\S+\r?\n/);
  const path = /\/dev\/\S+/.exec(driver.text)?.[0] ?? "";
  const screen = new Screen({ cols, rows });
  let fed = driver.bytes.length;
  const current = () => {
    const { bytes } = driver;
    screen.feed(bytes.subarray(fed));
    fed = bytes.length;
    return screen;
  };
  return {
    path,
    get screen() {
      return current();
    },
    get rows() {
      return current().text();
    },
    get text() {
      return driver.text;
    },
    type: (text) => driver.type(text),
    resize(newCols, newRows) {
      current().resize(newCols, newRows);
      driver.pty.resize(newCols, newRows);
      process.emit("SIGWINCH", "SIGWINCH"); // a terminal that does not control this process sends it none
    },
    hangUp: () => driver.close(),
    async shows(pattern) {
      const isSo = (row: string) => (typeof pattern === "string" ? row === pattern : pattern.test(row));
      await pollUntil(`${pattern} on the screen`, () => current().text().some(isSo)).catch((error: Error) => {
        throw new Error(`${error.message}; it shows ${JSON.stringify(current().text())}`);
      });
    },
  };
}
