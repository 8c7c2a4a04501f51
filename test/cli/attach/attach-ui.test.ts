import { describe, expect, it } from "vitest";
import { Screen } from "../../../src/terminal/index.js";
import { AttachWorld, MemorySession } from "./attach-world.js";

describe("a session on the user's terminal", () => {
  it("shows what the session shows, from the first moment on", async () => {
    const session = new MemorySession("work");
    session.print("before\r\n\x1b[31mred\x1b[0m");
    const world = await AttachWorld.open({ sessions: [session] });
    expect(world.rows).toEqual(["before", "red", "", "", ""]);
    expect(world.screen.snapshot().lines[1]?.cell(0).fg).toBe(1);
    expect(world.screen.cursor).toMatchObject({ x: 3, y: 1, visible: true });
    await world.print("\r\nafter\x1b[?25l");
    expect(world.rows).toEqual(["before", "red", "after", "", ""]);
    expect(world.screen.cursor.visible).toBe(false);
    await world.print("\x1b[?1049h\x1b[2J\x1b[Hfull\x1b[?25h\x1b[6 q");
    expect(world.rows).toEqual(["full", "", "", "", ""]);
    expect(world.screen.cursor.style).toBe("bar");
    session.client.tell({ type: "screen", cols: 20, rows: 5, dump: Buffer.from("anew") });
    await world.settle();
    expect(world.rows).toEqual(["anew", "", "", "", ""]);
  });

  it("types what the user types, but for answers of the terminal", async () => {
    const world = await AttachWorld.open();
    await world.type("ls\r", "\x1b[A", "\x1b[?62;22c\x1b]11;rgb:0/0/0\x07", "x\x1b[5;5Ry");
    expect(world.session.client.typed).toEqual(["ls\r", "\x1b[A", "xy"]);
    await world.type("\x1b");
    expect(world.session.client.typed.at(-1)).toBe("\x1b");
  });

  it("is left by the prefix and d, with the terminal as it was found", async () => {
    const world = await AttachWorld.open();
    const found = new Screen({ cols: 20, rows: 5 }).modes;
    await world.print("\x1b]2;vim\x07\x1b[?1h\x1b=\x1b[?2004h\x1b[?1000h\x1b[?1004h\x1b[4 q\x1b[?25l");
    expect(world.screen.modes.bracketedPaste).toBe(true);
    expect(world.screen.title).toBe("vim");
    await world.type("a\x1ddb");
    expect(await world.ended).toMatchObject({ kind: "detached", name: "work" });
    expect(world.session.client.typed).toEqual(["a"]);
    expect(world.session.client.isDetached).toBe(true);
    expect(world.tty.closed).toBe(true);
    expect(world.screen.modes).toEqual(found);
    expect(world.screen.title).toBe("");
    expect(world.screen.alternate).toBe(false);
    expect(world.screen.cursor).toMatchObject({ visible: true, style: undefined });
    expect(world.rows[0]).toBe("[detached]");
  });

  it("ends with the session", async () => {
    const world = await AttachWorld.open();
    world.session.client.tell({ type: "exit", exitStatus: 3 });
    expect(await world.ended).toMatchObject({ kind: "ended", name: "work", exitStatus: 3 });
    expect(world.rows[0]).toBe("[ended]");
  });

  it("ends where somebody detaches it, and where the terminal goes away", async () => {
    const world = await AttachWorld.open();
    world.session.client.tell({ type: "detached", reason: "by another \x1b[31mclient" });
    expect(await world.ended).toMatchObject({ kind: "detached", reason: "by another client" });
    const other = await AttachWorld.open();
    other.tty.hangUp();
    expect(await other.ended).toMatchObject({ kind: "gone" });
    expect(other.session.client.isDetached).toBe(true);
  });

  it("leaves the terminal alone where attaching fails", async () => {
    const session = new MemorySession("work");
    session.failure = new Error("it is over");
    const world = await AttachWorld.open({ sessions: [session] });
    await expect(world.ended).rejects.toThrow("it is over");
    expect(world.tty.text).toBe("");
    expect(world.tty.closed).toBe(true);
  });

  it("sends the prefix itself when it is pressed twice, and shows its keys while it waits", async () => {
    const world = await AttachWorld.open({
      size: { cols: 60, rows: 5 },
      sessions: [new MemorySession("work", { cols: 60 })],
    });
    await world.print("\x1b[5;1Hlast row");
    await world.type("\x1d");
    expect(world.rows[4]).toMatch(/^ d detach {2}s switch {2}\[ scroll {2}\? help {2}\^\] sends it {2}\[work/);
    expect(world.session.client.typed).toEqual([]);
    await world.type("\x1d");
    expect(world.session.client.typed).toEqual(["\x1d"]);
    expect(world.rows[4]).toBe("last row");
    await world.type("\x1dx");
    expect(world.rows[4]).toBe(" no such key: ^] ? shows them");
    await world.settle(3000);
    expect(world.rows[4]).toBe("last row");
  });

  it("shows its keys, until one is pressed", async () => {
    const world = await AttachWorld.open({
      size: { cols: 60, rows: 12 },
      sessions: [new MemorySession("work", { cols: 60, rows: 12 })],
    });
    await world.print("text");
    await world.type("\x1d?");
    expect(world.rows[0]).toBe("Keys behind ^]: any key closes this");
    await world.print(" more");
    expect(world.rows[0]).toBe("Keys behind ^]: any key closes this");
    await world.type("q");
    expect(world.rows[0]).toBe("text more");
    expect(world.session.client.typed).toEqual([]);
  });

  it("looks on where it is read-only", async () => {
    const world = await AttachWorld.open({
      isReadOnly: true,
      size: { cols: 60, rows: 5 },
      sessions: [new MemorySession("work", { cols: 60 })],
    });
    expect(world.session.client.options.isReadOnly).toBe(true);
    await world.type("rm");
    expect(world.session.client.typed).toEqual([]);
    expect(world.rows[4]).toBe(" attached to look on: what you type goes nowhere");
    await world.type("\x1dd");
    expect(await world.ended).toMatchObject({ kind: "detached" });
  });

  it("says when the keyboard is taken and given back, and that it is gone where somebody types", async () => {
    const world = await AttachWorld.open({
      size: { cols: 100, rows: 5 },
      sessions: [new MemorySession("work", { cols: 100 })],
    });
    const { client, info } = world.session;
    const taken = " no keyboard: somebody took it, what you type goes nowhere";
    client.tell({ type: "session", session: info, hasKeyboard: true });
    await world.settle();
    expect(world.rows[4]).toBe("");
    client.tell({ type: "session", session: info, hasKeyboard: false });
    await world.settle();
    expect(world.rows[4]).toBe(taken);
    await world.settle(3000);
    expect(world.rows[4]).toBe("");
    await world.type("x");
    expect(world.rows[4]).toBe(taken);
    await world.type("\x1d");
    expect(world.rows[4]).toMatch(/\[work, 100x5, no keyboard\]$/);
    await world.type("q");
    client.tell({ type: "session", session: info, hasKeyboard: true });
    await world.settle();
    expect(world.rows[4]).toBe(" keyboard given back: you may type again");
    client.tell({ type: "session", session: info });
    await world.settle();
    await world.type("\x1dd");
  });

  it("rings the session's bell, but none that was rung before", async () => {
    const session = new MemorySession("work");
    session.print("\x07\x1b]2;t\x07");
    const world = await AttachWorld.open({ sessions: [session] });
    expect(world.tty.text.replaceAll(/\x1b\]2;[^\x07\x1b]*/g, "")).not.toContain("\x07");
    await world.print("\x07\x07\x07");
    expect(world.tty.text.split("\x07")).toHaveLength(2);
  });
});

describe("a session of another size than the terminal", () => {
  it("is framed in the upper left where it is smaller", async () => {
    const world = await AttachWorld.open({ size: { cols: 30, rows: 7 } });
    await world.print("small");
    expect(world.rows).toEqual([
      "small               │",
      "                    │",
      "                    │",
      "                    │",
      "                    │",
      `${"─".repeat(20)}┘`,
      "",
    ]);
    expect(world.session.client.options).toMatchObject({ cols: 30, rows: 7 });
  });

  it("is shown where its cursor is, where it is larger, and by other parts where asked", async () => {
    const world = await AttachWorld.open({ sessions: [new MemorySession("work", { cols: 50, rows: 10 })] });
    expect(world.rows[4]).toContain("a part of 50x10");
    await world.settle(3000);
    await world.print("\x1b[Htop left\x1b[10;46Hend");
    expect(world.rows[4]).toBe("                end");
    expect(world.screen.cursor).toMatchObject({ x: 19, y: 4 });
    expect(world.screen.snapshot().lines[0]?.cell(0).bg).toBe(3);
    await world.type("\x1d\x1b[A", "\x1d\x1b[A", "\x1d\x1b[D", "\x1d\x1b[D", "\x1d\x1b[D");
    expect(world.rows[0]).toBe("top left");
    expect(world.screen.cursor.visible).toBe(false);
    expect(world.screen.snapshot().lines[4]?.cell(19).bg).toBe(3);
    await world.type("x");
    expect(world.rows[0]).toBe("");
    await world.print("\x1b[H");
    expect(world.rows[0]).toBe("top left");
  });

  it("tells the mouse in its own places", async () => {
    const world = await AttachWorld.open({ sessions: [new MemorySession("work", { cols: 50, rows: 10 })] });
    await world.print("\x1b[?1000h\x1b[?1006h\x1b[10;50H");
    await world.type("\x1b[<0;1;1M");
    expect(world.session.client.typed).toEqual(["\x1b[<0;31;6M"]);
  });

  it("follows the sizes of both", async () => {
    const world = await AttachWorld.open();
    await world.print("text\x1b[5;1Hrow 5");
    await world.resize({ cols: 40, rows: 8 });
    expect(world.session.client.sizes).toEqual([{ cols: 40, rows: 8 }]);
    expect(world.rows[0]).toBe("text                │");
    world.session.resize(40, 8);
    await world.settle();
    expect(world.rows[0]).toBe("text");
    await world.resize({ cols: 3, rows: 1 });
    expect(world.rows).toEqual([" 5"]);
  });
});

describe("switching between sessions", () => {
  const three = () => ["one", "two", "three"].map((name) => new MemorySession(name));
  const nameOf = async (world: AttachWorld) => {
    world.ui.detach();
    return (await world.ended).name;
  };

  it("shows what scrolled off, with the screen below it, while the session goes on", async () => {
    const world = await AttachWorld.open({ size: { cols: 40, rows: 5 } });
    await world.print("now");
    await world.type("\x1d[");
    expect(world.rows.join(" ")).toContain("nothing has scrolled off");
    world.session.scrolledOff = Array.from({ length: 10 }, (_, at) => `row ${at + 1}`);
    await world.type("\x1d[");
    expect(world.rows.slice(0, 4)).toEqual(["row 7", "row 8", "row 9", "row 10"]);
    expect(world.rows[4]).toContain("7-10 of 15 rows");
    expect(world.screen.snapshot().lines[0]?.cell(0).fg).toBe(1);
    const typed = world.session.client.typed.length;
    await world.type("k");
    expect(world.rows[0]).toBe("row 6");
    await world.type("\x1b[5~");
    expect(world.rows[0]).toBe("row 2");
    await world.type("g", "\x1b[B");
    expect(world.rows[0]).toBe("row 2");
    await world.print(" and then");
    expect(world.rows[0]).toBe("row 2");
    await world.type("G");
    expect(world.rows[0]).toBe("");
    await world.type("kkkk");
    expect(world.rows.slice(0, 4)).toEqual(["row 8", "row 9", "row 10", "now"]);
    await world.type("q");
    expect(world.rows[0]).toMatch(/^now and then/);
    expect(world.session.client.typed).toHaveLength(typed);
    await world.type("\x1d\x1b[5~");
    expect(world.rows[0]).toBe("row 7");
    await world.type("\x1b");
    await world.type("x");
    expect(world.session.client.typed.at(-1)).toBe("x");
  });

  it("goes to the one that is chosen from a list", async () => {
    const sessions = three();
    sessions[2]?.print("the third");
    const world = await AttachWorld.open({ sessions });
    await world.type("\x1ds");
    expect(world.rows[0]).toBe("Session:");
    expect(world.rows[1]).toMatch(/^\* one/);
    await world.type("thr");
    expect(world.rows.slice(0, 3)).toEqual(["Session: thr", expect.stringMatching(/^ {2}three/), ""]);
    await world.type("\r");
    expect(world.rows[0]).toBe("the third");
    expect(sessions[0]?.client.isDetached).toBe(true);
    expect(sessions[0]?.client.typed).toEqual([]);
    await world.type("x");
    expect(sessions[2]?.client.typed).toEqual(["x"]);
    expect(await nameOf(world)).toBe("three");
  });

  it("types what comes with the choice into the list, and what comes behind it into the session that comes", async () => {
    const sessions = three();
    const world = await AttachWorld.open({ sessions });
    await world.type("\x1ds", "tw\r", "pwd\r");
    expect(sessions[0]?.client.typed).toEqual([]);
    expect(sessions[1]?.client.typed.join("")).toBe("pwd\r");
    expect(await nameOf(world)).toBe("two");
  });

  it("stays where it is when the list is left, and where the other cannot be attached to", async () => {
    const sessions = three();
    for (const session of sessions.slice(1)) session.failure = new Error("it is over");
    const world = await AttachWorld.open({ sessions });
    await world.print("here");
    await world.type("\x1ds", "\x1b");
    expect(world.rows[0]).toBe("here");
    await world.type("\x1ds", "\r");
    expect(world.rows[0]).toBe("here");
    expect(world.rows[4]).toBe(" cannot go there: i…");
    await world.type("x");
    expect(sessions[0]?.client.typed).toEqual(["x"]);
    expect(await nameOf(world)).toBe("one");
  });

  it("goes where a command in the session sends it", async () => {
    const sessions = three();
    const [one, two] = sessions;
    const world = await AttachWorld.open({ sessions });
    const note = (clients: readonly string[], age = 0) => ({ to: two?.info.id ?? "", clients, at: Date.now() - age });
    world.state.set(one?.info.id ?? "", note([one?.client.clientId ?? ""]));
    one?.client.tell({ type: "detached", reason: "sent" });
    await world.settle();
    expect(two?.attachments).toHaveLength(1);
    world.state.set(two?.info.id ?? "", note(["another"]));
    two?.client.tell({ type: "detached", reason: "not sent" });
    expect(await world.ended).toMatchObject({ name: "two", reason: "not sent" });
  });
});

describe("an attached terminal that has much to do", () => {
  it("takes keys while output floods it, and shows the latest", async () => {
    const world = await AttachWorld.open();
    let typedAt = -1;
    const line = `${"flood ".repeat(3)}\r\n`.repeat(5000);
    for (let n = 0; n < 20; n++) world.session.print(`${line}\x1b[2J\x1b[H${n}`);
    setImmediate(() => world.tty.type("\x03"));
    const seen = () => world.session.client.typed.length > 0;
    for (let turn = 0; turn < 2000 && typedAt < 0; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (seen()) typedAt = turn;
    }
    expect(typedAt).toBeLessThan(5);
    for (let turn = 0; turn < 3000 && world.rows[0] !== "19"; turn++) await world.settle();
    expect(world.rows[0]).toBe("19");
  });

  it("waits for a program that has begun to draw, but not for ever", async () => {
    const world = await AttachWorld.open();
    await world.print("old\x1b[?2026h\x1b[2J\x1b[Hnew");
    expect(world.rows[0]).toBe("");
    await world.print("\x1b[?2026l");
    expect(world.rows[0]).toBe("new");
    await world.print("\x1b[?2026h\x1b[2J\x1b[Hlate");
    expect(world.rows[0]).toBe("new");
    await world.settle(200);
    expect(world.rows[0]).toBe("late");
  });

  it("draws no frame before the terminal has taken the one before", async () => {
    const world = await AttachWorld.open();
    let free = () => {};
    let frames = 0;
    world.tty.onWrite = (bytes) => {
      frames += 1;
      world.screen.feed(bytes);
      return new Promise<void>((resolve) => {
        free = resolve;
      });
    };
    for (let n = 0; n < 10; n++) await world.print(`\x1b[H${n}`);
    expect(frames).toBe(1);
    expect(world.rows[0]).toBe("0");
    free();
    await world.settle();
    expect(frames).toBe(2);
    expect(world.rows[0]).toBe("9");
    world.tty.onWrite = () => undefined;
    free();
  });

  it("is stopped and goes on by a key, with everything drawn anew", async () => {
    const world = await AttachWorld.open();
    await world.print("\x1b[?2004htext");
    world.tty.onSuspend = async () => {
      expect(world.screen.alternate).toBe(false);
      expect(world.screen.modes.bracketedPaste).toBe(false);
      world.screen.feed(Buffer.from("\x1b[2J\x1b[Hthe shell"));
    };
    await world.type("\x1d\x1a");
    expect(world.rows[0]).toBe("text");
    expect(world.screen.modes.bracketedPaste).toBe(true);
    expect(world.tty.raw).toBe(true);
  });
});

describe("what a terminal tells beside keys", () => {
  it("is given to a program that asked for it, and to no other", async () => {
    const world = await AttachWorld.open();
    await world.type("\x1b[I", "\x1b[M !!");
    expect(world.session.client.typed).toEqual([]);
    await world.print("\x1b[?1004h\x1b[?1000h\x1b[?1006h");
    await world.type("\x1b[O", "\x1b[<0;3;2M", "\x1b[<0;3;2m");
    expect(world.session.client.typed).toEqual(["\x1b[O", "\x1b[<0;3;2M", "\x1b[<0;3;2m"]);
    await world.print("\x1b[?1004l\x1b[?1000l");
    await world.type("\x1b[I", "\x1b[<0;3;2M");
    expect(world.session.client.typed).toHaveLength(3);
  });

  it("is nobody's where the user only looks on", async () => {
    const world = await AttachWorld.open({ isReadOnly: true });
    await world.print("\x1b[?1004h\x1b[?1000h\x1b[?1006h");
    await world.type("\x1b[I", "\x1b[<0;3;2M", "x");
    expect(world.session.client.typed).toEqual([]);
  });
});

describe("a terminal without a prefix key", () => {
  it("types that key as any other, and says nothing of keys where the session is larger than it", async () => {
    const world = await AttachWorld.open({
      prefix: undefined,
      size: { cols: 60, rows: 5 },
      sessions: [new MemorySession("work", { cols: 100, rows: 30 })],
    });
    await world.type("\x1dd");
    expect(world.session.client.typed.join("")).toBe("\x1dd");
    expect(world.rows.join("\n")).not.toContain("^]");
    world.session.client.tell({ type: "session", session: world.session.info });
    await world.settle();
    world.session.client.tell({ type: "exit", exitStatus: 0 });
    expect(await world.ended).toMatchObject({ kind: "ended" });
  });
});
