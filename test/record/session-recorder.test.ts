import { execFileSync } from "node:child_process";
import { hostname, userInfo } from "node:os";
import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/index.js";
import { HeadlessTty, record } from "../../src/record/index.js";
import { Screen } from "../../src/terminal/index.js";
import { pollUntil } from "../support/poll-until.js";
import { brief, MemorySink, outputText, startRecording, startRecordingOf, TestTty } from "./support.js";

const PAUSE = "\x1c";
const keys = { pause: 0x1c, marker: 0x10 };

/** What a player shows after these events. */
function replay(events: readonly Event[], size = { cols: 80, rows: 24 }): Screen {
  const screen = new Screen(size);
  for (const event of events) {
    if (event.kind === "output") screen.feed(event.data);
    else if (event.kind === "resize") screen.resize(event.cols, event.rows);
  }
  return screen;
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

describe("a recording", () => {
  it("holds every byte of output with times that never decrease, and the exit", async () => {
    const { sink, tty, result } = startRecording("printf 'a\\377b'; sleep 0.1; printf c; exit 42");
    const { exitStatus, outputBytes, durationNanos, sinkErrors, signal } = await result;
    expect([exitStatus, outputBytes, sinkErrors, signal]).toEqual([42, 4, [], undefined]);
    const bytes = Buffer.concat(sink.events.flatMap((event) => (event.kind === "output" ? [event.data] : [])));
    expect(bytes).toEqual(Buffer.from([0x61, 0xff, 0x62, 0x63]));
    expect(Buffer.concat(tty.shown)).toEqual(bytes);
    expect(sink.events.at(-1)).toEqual({ kind: "exit", time: durationNanos, status: 42 });
    const times = sink.events.map((event) => event.time);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const [first = 0, second = 0] = times;
    expect(second - first).toBeGreaterThan(50e6);
    expect([sink.closed, tty.closed]).toEqual([1, true]);
  });

  it("is written before it is shown", async () => {
    const tty = new TestTty();
    const unwritten: string[] = [];
    const { sink, result } = startRecording("seq 1 20000", { tty });
    tty.write = async (bytes) => {
      tty.shown.push(bytes);
      if (!sink.output.startsWith(tty.text)) unwritten.push(Buffer.from(bytes).toString());
    };
    await result;
    expect(tty.text).toBe(sink.output);
    expect(unwritten).toEqual([]);
  });

  it("tells the signal that ended the command", async () => {
    const { sink, result } = startRecording("kill -KILL $$");
    expect(await result).toMatchObject({ exitStatus: 137, signal: "SIGKILL" });
    expect(sink.events).toEqual([expect.objectContaining({ kind: "exit", status: 137 })]);
  });

  it("knows who, where, what, when and on what terminal", async () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const { headers, result } = startRecording("true", {
      tty: new TestTty({ cols: 100, rows: 30 }),
      command: "true",
      title: "Title",
      idleTimeLimit: 2e9,
      captureEnv: ["SHELL", "LANG", "MISSING"],
      env: {
        PATH: process.env.PATH,
        SHELL: "/bin/zsh",
        LANG: "C",
        TERM: "screen",
        T2A_RECORDING: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
      },
    });
    const { header } = await result;
    expect(headers).toEqual([header]);
    expect(header).toMatchObject({
      cols: 100,
      rows: 30,
      termType: "screen",
      command: "true",
      title: "Title",
      idleTimeLimit: 2e9,
      env: { SHELL: "/bin/zsh", LANG: "C" },
      user: userInfo().username,
      host: hostname(),
      cwd: process.cwd(),
      parentId: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
      id: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
    });
    expect(header.startTime).toBeGreaterThanOrEqual(before);
    expect(header).not.toHaveProperty("theme");
  });

  it("is known to the command by its variables", async () => {
    const { sink, result } = startRecording(
      'echo "$T2A_RECORDING $T2A_REC $ASCIINEMA_REC $ASCIINEMA_SESSION $TERM $KEPT"',
      {
        env: { PATH: process.env.PATH, KEPT: "yes", T2A_RECORDING: "no ulid" },
      },
    );
    const { header } = await result;
    expect(sink.output.trim()).toBe(`${header.id} 1 1 ${header.id} xterm-256color yes`);
    expect(header).not.toHaveProperty("parentId");
    expect(header).not.toHaveProperty("env");
  });

  it("follows the terminal's size", async () => {
    const tty = new TestTty({ cols: 90, rows: 20 });
    const { sink, result } = startRecording("trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.02; done", {
      tty,
    });
    await tty.sees("20 90");
    tty.setSize({ cols: 90, rows: 20 });
    tty.setSize({ cols: 110, rows: 33 });
    await result;
    expect(brief(sink.events, ["resize"])).toEqual(["resize 110x33"]);
    expect(sink.output).toContain("33 110");
  });

  it("is not begun where the command does not exist", async () => {
    const { tty, headers, result } = startRecordingOf("/no/such/program", []);
    await expect(result).rejects.toMatchObject({ code: "T2A_PTY" });
    expect([headers, tty.closed]).toEqual([[], true]);
  });

  it("ends the command where its sinks cannot be opened", async () => {
    const { tty, recorder, result } = startRecording("sleep 60", {
      createSinks: () => {
        throw new Error("no disk");
      },
    });
    await expect(result).rejects.toThrow("no disk");
    expect(tty.closed).toBe(true);
    recorder.pause();
    recorder.mark();
  });

  it("goes on without its sinks: the command is shown to its end", async () => {
    const told: string[] = [];
    const { tty, sink, recorder, result } = startRecording("echo one; read x; echo two; read x; exit 5", {
      onSinkError: ({ name }) => told.push(name),
    });
    await tty.sees("one");
    sink.failure = new Error("disk full");
    tty.type("\r");
    await tty.sees("two");
    expect(told).toEqual(["memory"]);
    recorder.pause(); // nothing is left to be paused
    tty.type("\r");
    expect(await result).toMatchObject({ exitStatus: 5, sinkErrors: [{ name: "memory", error: sink.failure }] });
    expect(sink.output).not.toContain("two");
  });

  it("continues another: size, anchor, and times after its last", async () => {
    const { sink, headers, result } = startRecording("printf hi", {
      append: { lastTime: 5e9, id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" },
    });
    const { header, durationNanos } = await result;
    expect(header.id).toBe("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    expect(headers).toHaveLength(1);
    expect(sink.events.map(({ kind }) => kind)).toEqual(["resize", "custom", "output", "exit"]);
    expect(brief(sink.events, ["resize", "custom"])).toEqual([
      "resize 80x24",
      expect.stringMatching(/^custom \{"wall":"[0-9]{19}"/),
    ]);
    for (const event of sink.events) expect(event.time).toBeGreaterThanOrEqual(5e9);
    expect(durationNanos).toBeLessThan(15e9);
  });
});

describe("what is typed", () => {
  it("reaches the command, and is not recorded unless asked for", async () => {
    const { tty, sink, result } = startRecording('printf ready; read line; echo "got $line"');
    await tty.sees("ready");
    tty.type("hello\r");
    await result;
    expect(sink.output).toContain("got hello");
    expect(brief(sink.events, ["input"])).toEqual([]);
  });

  it("is recorded at bash's prompt, and masked at read -s", async () => {
    const { tty, sink, result } = startRecordingOf("bash", ["--norc", "--noprofile", "-i"], {
      captureInput: true,
      env: { ...process.env, PS1: "$ ", TERM: "xterm-256color" },
    });
    await tty.sees("$ ");
    tty.type("read -s -p 'Pass: ' x; echo; echo len $(expr length $x)\r");
    await tty.sees("Pass: ");
    await pollUntil("the prompt to be hidden", () => tty.text.endsWith("Pass: "));
    tty.type("hunter2\r");
    await tty.sees("len 7");
    tty.type("exit\r");
    await result;
    const typed = brief(sink.events, ["input"]);
    expect(typed).toEqual([
      "input read -s -p 'Pass: ' x; echo; echo len $(expr length $x)\r",
      "input ********",
      "input \r",
      "input exit\r",
    ]);
    expect(JSON.stringify(typed)).not.toContain("hunter");
  });

  it("is masked in Python's getpass", async () => {
    const { tty, sink, result } = startRecordingOf(
      "python3",
      ["-c", "import getpass; x = getpass.getpass('Secret? '); print('len', len(x)); print('name', input('Name? '))"],
      { captureInput: true },
    );
    await tty.sees("Secret? ");
    for (const key of "correct horse\r") tty.type(key);
    await tty.sees("Name? ");
    tty.type("Ada\r");
    await result;
    expect(sink.output).toContain("len 13");
    expect(brief(sink.events, ["input"])).toEqual(["input ********", "input \r", "input Ada\r"]);
  });

  it("sets a marker with the key, which the command does not get", async () => {
    const { tty, sink, result } = startRecording('printf ready; read line; echo "got [$line]"', { keys });
    await tty.sees("ready");
    tty.type("a\x10b\r");
    await result;
    expect(sink.output).toContain("got [ab]");
    expect(brief(sink.events, ["marker", "exit"])).toEqual(["marker ", "exit 0"]);
  });
});

describe("a pause", () => {
  it("shows but does not record, stops the clock, and leaves playback right", async () => {
    const pauses: boolean[] = [];
    const { tty, sink, result } = startRecording(
      "printf 'one\\r\\n'; read x; printf '\\033[31mtwo\\r\\n'; read x; printf three; read x",
      { keys, onPause: (paused) => pauses.push(paused) },
    );
    await tty.sees("one");
    tty.type(PAUSE);
    tty.type("\r");
    await tty.sees("two");
    await new Promise((resolve) => setTimeout(resolve, 400));
    const shownAtResume = tty.text;
    tty.type(PAUSE);
    await pollUntil("the recording going on", () => pauses.length === 2);
    tty.type("\r");
    await tty.sees("three");
    tty.type("\r");
    const { durationNanos } = await result;
    expect(pauses).toEqual([true, false]);
    expect(durationNanos).toBeLessThan(400e6);
    const custom = sink.events.find(({ kind }) => kind === "custom");
    expect(custom).toMatchObject({ code: "t2a.pause" });
    const gap = Number(JSON.parse(brief(sink.events, ["custom"])[0]?.slice(7) ?? "").gap);
    expect(gap).toBeGreaterThan(390e6);
    const live = new Screen({ cols: 80, rows: 24 });
    live.feed(Buffer.from(tty.text));
    expect(replay(sink.events).text()).toEqual(live.text());
    expect(tty.text.startsWith(shownAtResume)).toBe(true); // the dump is recorded, not shown
    const before = sink.events.slice(0, sink.events.findIndex(({ kind }) => kind === "custom") - 1);
    expect(outputText(before)).not.toContain("two");
  });

  it("builds its screen from the file where that can be read back, and takes sizes along", async () => {
    const { tty, sink, recorder, result } = startRecording("printf one; read x; printf two; read x", {
      keys,
      readBack: async () => ({
        header: { cols: 80, rows: 24 },
        batches: (async function* () {
          yield* sink.batches;
        })(),
        close: async () => {},
      }),
    });
    await tty.sees("one");
    tty.setSize({ cols: 70, rows: 20 });
    tty.type(PAUSE);
    tty.setSize({ cols: 60, rows: 10 });
    tty.type("\r");
    await tty.sees("two");
    await Promise.all([recorder.resume(), recorder.resume()]);
    await recorder.resume();
    tty.type("\r");
    await result;
    expect(brief(sink.events, ["resize"])).toEqual(["resize 70x20", "resize 60x10"]);
    const screen = replay(sink.events);
    expect([screen.cols, screen.rows]).toEqual([60, 10]);
    expect(screen.text()[0]).toBe("one");
    expect(screen.text()[1]).toBe("two");
  });

  it("ends with the command", async () => {
    const { tty, sink, result } = startRecording("printf one; read x; printf two; exit 3", { keys });
    await tty.sees("one");
    tty.type(PAUSE);
    tty.type("\x10\r");
    expect(await result).toMatchObject({ exitStatus: 3 });
    expect(tty.text).toContain("two");
    expect(brief(sink.events, ["output", "exit", "marker"])).toEqual(["output one", "exit 3"]);
  });

  it("records no input", async () => {
    const { tty, sink, recorder, result } = startRecording("printf one; read x; printf two; read x", {
      keys,
      captureInput: true,
    });
    await tty.sees("one");
    tty.type(`${PAUSE}private\r`);
    await tty.sees("two");
    await recorder.resume();
    tty.type("public\r");
    await result;
    expect(brief(sink.events, ["input"])).toEqual(["input public\r"]);
  });

  it("holds a fast command back rather than its output in memory, and stays right", async () => {
    const { tty, sink, recorder, result } = startRecording("printf go; read x; seq 1 1500000; printf done; read x", {
      keys,
    });
    await tty.sees("go");
    tty.type(PAUSE);
    tty.type("\r");
    await pollUntil("all output", () => Buffer.concat(tty.shown.slice(-2)).toString().includes("done"), 60_000);
    await recorder.resume();
    tty.type("\r");
    await result;
    const text = replay(sink.events).text();
    expect(text.filter((line) => line !== "").slice(-3)).toEqual(["1499999", "1500000", "done"]);
    expect(outputText(sink.events).length).toBeLessThan(100_000);
  }, 90_000);

  it("goes on without a dump where the screen cannot be built", async () => {
    const { tty, sink, recorder, result } = startRecording("printf one; read x; printf two; read x; printf three", {
      keys,
      readBack: async () => {
        throw new Error("no such file");
      },
    });
    await tty.sees("one");
    recorder.pause();
    recorder.pause();
    tty.type("\r");
    await tty.sees("two");
    await recorder.resume();
    tty.type("\r");
    expect((await result).pauseErrors).toEqual([new Error("no such file")]);
    expect(sink.output).toContain("three");
    expect(brief(sink.events, ["custom"])).toHaveLength(1);
  });
});

describe("a slow terminal", () => {
  it("holds the command back at about 1 MB, and loses nothing", async () => {
    const tty = new TestTty();
    tty.stalled = true;
    const { sink, result } = startRecording("head -c 8000000 /dev/zero | tr '\\0' x; printf end", { tty });
    await pollUntil("the terminal to be full", () => tty.pendingBytes > 1024 * 1024);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(tty.pendingBytes).toBeLessThan(2 * 1024 * 1024);
    tty.unstall();
    await result;
    expect(tty.text.length).toBe(8_000_003);
    expect(sink.output.endsWith("xend")).toBe(true);
  });

  it("does not keep a recording from being ended", async () => {
    const tty = new TestTty();
    tty.stalled = true;
    const { recorder, result } = startRecording("yes", { tty });
    await pollUntil("the terminal to be full", () => tty.pendingBytes > 1024 * 1024);
    recorder.end("SIGTERM");
    expect(await result).toMatchObject({ exitStatus: 143, signal: "SIGTERM" });
  });
});

describe("a slow sink", () => {
  it("holds the command back", async () => {
    let release: () => void = () => {};
    let bytes = 0;
    const { result } = startRecording("head -c 3000000 /dev/zero | tr '\\0' x", {
      createSinks: () => [
        {
          name: "network",
          write: (batch) => {
            for (const event of batch) bytes += event.kind === "output" ? event.data.length : 0;
            return new Promise((resolve) => {
              release = resolve;
            });
          },
          close: async () => {},
        },
      ],
    });
    await pollUntil("the first write", () => bytes > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(bytes).toBeLessThan(300_000);
    const releasing = setInterval(() => release(), 0);
    expect((await result).outputBytes).toBe(3_000_000);
    clearInterval(releasing);
    expect(bytes).toBe(3_000_000);
  });
});

describe("the end from outside", () => {
  it.each([
    "SIGHUP",
    "SIGTERM",
    "SIGINT",
  ] as const)("hands %s to the command and finishes the recording", async (name) => {
    const { tty, sink, recorder, result } = startRecording(
      `trap 'echo caught; exit 7' ${name.slice(3)}; printf ready; while :; do sleep 0.02; done`,
    );
    await tty.sees("ready");
    recorder.end(name);
    expect(await result).toMatchObject({ exitStatus: 7 });
    expect(brief(sink.events, ["output", "exit"]).join("|")).toMatch(/caught.*exit 7$/s);
    expect(sink.closed).toBe(1);
  });

  it("kills a command that ignores it, and what it started in the foreground", async () => {
    const { tty, sink, recorder, result } = startRecording(
      "trap '' HUP TERM; sleep 1000 & echo pid=$!=$$=; while :; do wait; done",
    );
    await tty.sees("pid=");
    await pollUntil("the ids", () => /pid=(\d+)=(\d+)=/.test(tty.text));
    const [, sleep, shell] = /pid=(\d+)=(\d+)=/.exec(tty.text) ?? [];
    recorder.end("SIGTERM");
    recorder.end("SIGHUP");
    const before = performance.now();
    expect(await result).toMatchObject({ exitStatus: 137, signal: "SIGKILL" });
    expect(performance.now() - before).toBeLessThan(4000);
    expect(sink.events.at(-1)).toMatchObject({ kind: "exit", status: 137 });
    await pollUntil("no orphan", () => [sleep, shell].every((pid) => isGone(Number(pid))));
  });

  it("comes when the terminal is gone", async () => {
    const { tty, sink, result } = startRecording("printf ready; sleep 60");
    await tty.sees("ready");
    tty.hangUp();
    expect(await result).toMatchObject({ exitStatus: 129, signal: "SIGHUP" });
    expect(sink.closed).toBe(1);
  });

  it("comes by a signal to this process, and by an AbortSignal", async () => {
    const first = startRecording("printf ready; sleep 60", { endOn: ["SIGUSR2"] });
    await first.tty.sees("ready");
    process.kill(process.pid, "SIGUSR2");
    expect(await first.result).toMatchObject({ exitStatus: 128 + 12 });
    expect(process.listenerCount("SIGUSR2")).toBe(0);
    const abort = new AbortController();
    const second = startRecording("printf ready; sleep 60", { signal: abort.signal });
    await second.tty.sees("ready");
    abort.abort();
    expect(await second.result).toMatchObject({ signal: "SIGTERM" });
    expect(await startRecording("sleep 60", { signal: abort.signal }).result).toMatchObject({ signal: "SIGTERM" });
  });

  it("comes to an interactive shell that ignores SIGTERM", async () => {
    const { tty, recorder, result } = startRecordingOf("bash", ["--norc", "-i"]);
    await pollUntil("a prompt", () => tty.text !== "");
    recorder.end("SIGTERM");
    expect((await result).exitStatus).toBeGreaterThan(128);
  });
});

describe("the terminal's own answers", () => {
  const answers = [
    "\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    "\x1b]11;rgb:0000/0000/0000\x1b\\",
    ...Array.from({ length: 16 }, (_, index) => `\x1b]4;${index};rgb:1111/2222/3333\x1b\\`),
    "\x1bP>|TestTerm(1.0)\x1b\\",
    "\x1b[?62c",
  ].join("");

  it("go into the header, and what is typed ahead goes to the command", async () => {
    const tty = new TestTty();
    const { sink, result } = startRecording('read line; echo "got [$line]"', { tty, probeTimeoutMs: 5000 });
    await tty.sees("\x1b[c");
    tty.type(`early${answers.slice(0, 100)}`);
    tty.type(`${answers.slice(100)} bird\r`);
    const { header } = await result;
    expect(header).toMatchObject({
      termVersion: "TestTerm(1.0)",
      theme: { fg: "#ffffff", bg: "#000000", palette: Array.from({ length: 16 }, () => "#112233") },
    });
    expect(sink.output).toContain("got [early bird]");
  });

  it("are not waited for long, and kept from the command when they come late", async () => {
    const tty = new TestTty();
    const { sink, result } = startRecording('printf ready; read line; echo "got [$line]"', { tty, probeTimeoutMs: 20 });
    await tty.sees("ready");
    tty.type(answers);
    tty.type("in time\r");
    expect((await result).header).not.toHaveProperty("theme");
    expect(sink.output).toContain("got [in time]");
  });

  it("are not waited for when the terminal goes away or somebody ends us", async () => {
    const { tty, result } = startRecording("sleep 60", { probeTimeoutMs: 60_000 });
    await tty.sees("\x1b[c");
    tty.hangUp();
    expect(await result).toMatchObject({ signal: "SIGHUP" });
  });
});

describe("without a terminal", () => {
  it("the command's questions are answered, the cursor's place included", async () => {
    const sink = new MemorySink();
    const { exitStatus } = await record({
      file: "bash",
      args: ["-c", "printf 'abc\\r\\nde'; IFS=';' read -rs -d R -p $'\\e[6n' row col; echo; echo \"at $row $col\""],
      env: process.env,
      cwd: process.cwd(),
      tty: new HeadlessTty({ cols: 40, rows: 10 }, "1.2.3"),
      probeTimeoutMs: 0,
      endOn: [],
      createSinks: () => [sink],
    });
    expect(exitStatus).toBe(0);
    expect(sink.output).toContain("[2 3");
  });

  it("nothing else happens", async () => {
    const tty = new HeadlessTty({ cols: 40, rows: 10 }, "1.2.3");
    tty.start();
    tty.onResize();
    tty.onHangup();
    await tty.write(Buffer.from("\x1b[c"));
    await tty.close();
    expect([tty.size(), tty.pendingBytes]).toEqual([{ cols: 40, rows: 10 }, 0]);
  });
});

it("tests leave no process behind", () => {
  const children = execFileSync("ps", ["-o", "comm=", "--ppid", String(process.pid)], { encoding: "utf8" });
  expect(children.split("\n").filter((name) => name !== "" && !/^(ps|node|esbuild)/.test(name))).toEqual([]);
});
