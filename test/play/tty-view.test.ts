// Playing on the user's terminal: what gets through, what is undone.
import { describe, expect, it } from "vitest";
import {
  ManualClock,
  StreamPlayer,
  type StreamPlayerOptions,
  TtyView,
  type TtyViewOptions,
} from "../../src/play/index.js";
import { MemoryTty } from "./memory-tty.js";
import { output, recordingOf, resize } from "./recordings.js";

async function play(data: string, options: TtyViewOptions & Partial<StreamPlayerOptions> = {}) {
  const tty = new MemoryTty();
  const view = new TtyView(tty, options);
  const clock = new ManualClock({ skipsWaits: true });
  const events = [output(0, data), resize(1, 100, 30)];
  const player = new StreamPlayer({ open: async () => recordingOf(events), view, clock, ...options });
  view.start((command) => player.command(command));
  const outcome = await player.run();
  const played = tty.text;
  await view.close();
  return { tty, view, outcome, played, closing: tty.text.slice(played.length) };
}

describe("TtyView", () => {
  it("lets recorded bytes reach the terminal only through the filter", async () => {
    const { played } = await play("a\x1b]52;c;aGk=\x07b\x1b]0;title\x07c\x1b[6nd\x1b[3;3te\x1bPq\x1b\\f\x1b[31mg\n");
    expect(played).toBe("abcdef\x1b[31mg\n");
  });

  it("undoes what the recording left changed and gives the terminal back", async () => {
    const { tty, closing } = await play("\x1b[?1049h\x1b[?25l\x1b[31m\x1b[2;4rtext");
    expect(closing).toContain("\x1b[?1049l");
    expect(closing).toContain("\x1b[?25h");
    expect(closing).toContain("\x1b[0m");
    expect(closing).toContain("\x1b[r");
    expect(tty.closed).toBe(true);
    expect(tty.raw).toBe(false);
  });

  it("begins a new line at the end unless it stands at the start of one", async () => {
    expect((await play("$ ")).closing).toBe("\r\n");
    expect((await play("exit\r\n")).closing).toBe("");
    expect((await play("")).closing).toBe("");
  });

  it("writes a last line of its caller's below everything", async () => {
    const tty = new MemoryTty();
    const view = new TtyView(tty);
    await view.output(Buffer.from("\x1b[1m$ "));
    await view.close("::: the end");
    expect(tty.text).toBe("\x1b[1m$ \x1b[0m\r\n::: the end\r\n");
  });

  it("writes nothing more when it is closed twice", async () => {
    const { tty, view } = await play("$ ");
    const before = tty.text;
    await view.close();
    expect(tty.text).toBe(before);
  });

  it("shows a character that the recording cut as what it is: damaged", async () => {
    const { closing } = await play("\n", {
      open: async () => recordingOf([output(0, Uint8Array.of(0x0a, 0xe2, 0x82))]),
    });
    expect(closing).toContain("\ufffd");
  });

  it("asks for the recording's sizes only when told to follow them", async () => {
    expect((await play("a\n")).played).toBe("a\n");
    expect((await play("a\n", { followSize: true })).played).toBe("\x1b[8;24;80ta\n\x1b[8;30;100t");
  });

  it("undoes what a pass left behind before the next one begins", async () => {
    let passes = 0;
    const abort = new AbortController();
    const open = async () => {
      if (++passes === 2) setImmediate(() => abort.abort());
      return recordingOf([output(0, "\x1b[?1049h\x1b[1m")]);
    };
    const { played } = await play("", { open, loop: true, signal: abort.signal });
    expect(played.startsWith("\x1b[?1049h\x1b[1m\x1b[?1049l\x1b[0m")).toBe(true);
  });

  it("turns keys into commands", async () => {
    const tty = new MemoryTty();
    const view = new TtyView(tty);
    const commands: string[] = [];
    view.start((command) => commands.push(command));
    expect(tty.raw).toBe(true);
    tty.type(" .]\x03");
    expect(commands).toEqual(["toggle", "step", "marker", "stop"]);
    await view.close();
  });

  it("stops when the terminal goes away and says so", async () => {
    const tty = new MemoryTty();
    const view = new TtyView(tty);
    const player = new StreamPlayer({ open: async () => recordingOf([output(0, "a"), output(1e6, "b")]), view });
    view.start((command) => player.command(command));
    const run = player.run();
    expect(view.gone).toBe(false);
    tty.hangUp();
    expect(await run).toBe("interrupted");
    expect(view.gone).toBe(true);
    expect(await view.output(Buffer.from("x"))).toBe(false);
    await view.close();
  });

  it("leaves no listener of the process behind", async () => {
    const before = process.listenerCount("exit");
    await play("a");
    expect(process.listenerCount("exit")).toBe(before);
  });
});
