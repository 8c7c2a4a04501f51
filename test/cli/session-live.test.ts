// t2a session with a daemon, holders and terminals as they are.
import { describe, expect, it } from "vitest";
import { pollUntil } from "../support/poll-until.js";
import { missing, run, titled } from "../support/programs.js";
import { sessionHouse } from "./session-house.js";

describe("a session on a terminal", () => {
  it("is started, typed into, left and come back to; the terminal is given back as it was", async () => {
    const house = sessionHouse();
    const seat = house.sitAtShell(
      `before=$(stty -g); ${house.line("new -n work")}; echo "status $?"; [ "$(stty -g)" = "$before" ] && echo same; read -r`,
    );
    await seat.shows("$");
    seat.driver.type(
      "echo $((6*7)) $TERM; stty size; printf '\\033[?2004h\\033[?1h\\033[?1000h\\033]2;its title\\007'\r",
    );
    await seat.shows("42 xterm-256color");
    await seat.shows("24 80");
    await pollUntil(
      "the modes",
      () => seat.screen.modes.mouseTracking === "normal" && seat.screen.title === "its title",
    );
    seat.driver.type("\x1dd");
    await seat.shows("[detached from work]");
    await seat.shows("status 0");
    await seat.shows("same");
    const { modes, title, alternate } = seat.screen;
    expect({ title, alternate }).toEqual({ title: "", alternate: false });
    expect(modes).toMatchObject({ mouseTracking: "none", applicationCursorKeys: false, bracketedPaste: false });

    const other = house.sit(["attach"], { cols: 60, rows: 10 });
    await other.shows("42 xterm-256color");
    other.driver.type("exit 3\r");
    await other.shows("[work ended: status 3]");
    expect(await other.driver.ends()).toMatchObject({ status: 0 });
    expect(JSON.parse((await house.session("info", "work", "--json")).stdout)).toMatchObject({
      status: "failed",
      exitStatus: 3,
    });
  });

  it("lives on when its client is killed, and gives the terminal back when it is ended in order", async () => {
    const house = sessionHouse();
    const first = house.sit(["new", "-n", "work"]);
    await first.shows("$");
    first.driver.type("echo mar''k\r");
    await first.shows("mark");
    first.driver.pty.kill("SIGKILL");
    await first.driver.ends();
    const second = house.sit(["attach", "work"]);
    await second.shows("mark");
    await pollUntil("the first client's end", async () => {
      return JSON.parse((await house.session("clients", "work", "--json")).stdout).length === 1;
    });
    second.driver.pty.kill("SIGTERM");
    expect(await second.driver.ends()).toMatchObject({ status: 143 });
    await second.shows("[detached from work]");
    expect(second.screen.alternate).toBe(false);
    expect(JSON.parse((await house.session("ls", "--json")).stdout)).toMatchObject([
      { name: "work", live: { clients: 0 } },
    ]);
  });

  it("is shown to two at once, at the size of who typed last", async () => {
    const house = sessionHouse();
    const large = house.sit(["new", "-n", "work"], { cols: 100, rows: 30 });
    await large.shows("$");
    const small = house.sit(["attach", "work"], { cols: 40, rows: 8 });
    await small.shows("$");
    await large.shows(/^\$ +│$/);
    large.driver.type("stty size\r");
    await large.shows("30 100");
    await small.shows(/a part of 100x30/);
    small.driver.type("stty size\r");
    await large.shows(/^8 40 +│$/);
    small.resize(50, 9);
    await large.shows(/^─{50}┘$/); // its size is known before it types
    small.driver.type("stty size\r");
    await large.shows(/^9 50 +│$/);
    expect((await house.session("clients", "work")).stdout).toMatch(
      /tty pts\/\d+ +100x30 +yes[\s\S]*tty pts\/\d+ +50x9 +yes/,
    );
    expect(await house.session("detach", "work")).toMatchObject({ status: 0 });
    for (const seat of [large, small]) {
      await seat.shows(/^\[detached from work/);
      expect(await seat.driver.ends()).toMatchObject({ status: 0 });
    }
  });

  it("keeps its template's size on a terminal of another, until it is resized", async () => {
    const house = sessionHouse();
    await house.t2a("template", "add", "wide", "--size", "100x30");
    const seat = house.sit(["new", "-n", "work", "--template", "wide"], { cols: 40, rows: 8 });
    await seat.shows(/a part of 100x30/);
    await seat.shows(/^\$/);
    seat.driver.type("stty size\r");
    await seat.shows("30 100");
    expect(await house.session("resize", "work", "60x20")).toMatchObject({ status: 0 });
    await seat.shows(/a part of 60x20/);
    seat.driver.type("stty size\r");
    await seat.shows("20 60");
    await house.session("kill", "work");
    await seat.shows(/^\[work ended/);
    const again = house.sit(["resume", "work"], { cols: 90, rows: 28 });
    await again.shows(/^30 100 +│$/);
    expect(JSON.parse((await house.session("info", "work", "--json")).stdout).live).toMatchObject({
      cols: 60,
      rows: 20,
    });
  });

  it("is looked on by who may not type", async () => {
    const house = sessionHouse();
    const id = (await house.session("new", "-n", "work", "--detach")).stdout.trim();
    const seat = house.sit(["attach", "-r", id]);
    await seat.shows("$");
    seat.driver.type("echo typed\r");
    await seat.shows(/what you type goes nowhere/);
    await house.session("send", "work", "echo se''nt", "--enter");
    await seat.shows("sent");
    expect(seat.rows.join("\n")).not.toContain("typed\n");
  });

  it("tells its client that the keyboard was taken, and given back", async () => {
    const house = sessionHouse();
    const seat = house.sit(["new", "-n", "work"]);
    await seat.shows("$");
    const [{ clientId }] = JSON.parse((await house.session("clients", "work", "--json")).stdout);
    await house.session("keyboard", "work", "--take", clientId);
    await seat.shows(/no keyboard: somebody took it/);
    await house.session("keyboard", "work", "--give", clientId);
    await seat.shows(/keyboard given back/);
    seat.driver.type("echo he''re\r");
    await seat.shows("here");
  });

  it("gives way to another one from a list, and by a command inside of it", async () => {
    const house = sessionHouse();
    const seat = house.sit(["new", "-n", "one"]);
    await seat.shows("$");
    await house.session("new", "-n", "two", "--detach");
    await house.session("send", "two", "echo the se''cond", "--enter");
    seat.driver.type("\x1ds");
    await seat.shows(/^ {2}two/);
    seat.driver.type("two\r");
    await seat.shows("the second");
    seat.driver.type(`${house.line("switch one")}\r`);
    await pollUntil("the first", () => !seat.rows.includes("the second"));
    seat.driver.type("echo ba''ck\r");
    await seat.shows("back");
    expect((await house.session("screen", "one")).stdout).toContain("back");
    seat.driver.type(`${house.line("switch")}\r`);
    await seat.shows(/^\* one/);
    seat.driver.type("\r");
    await seat.shows("the second");
    seat.driver.type("\x1dd");
    await seat.shows("[detached from two]");
  });

  it("is told of when its command was quicker than the attaching", async () => {
    const house = sessionHouse();
    const seat = house.sitAtShell(`${house.line("new -n quick -c 'exit 5'")}; echo "status $?"; read -r`);
    await seat.shows("status 0");
    expect(seat.rows[0]).toBe("[quick ended: status 5]");
  });

  it("is not attached to where it cannot be shown", async () => {
    const house = sessionHouse();
    const id = (await house.session("new", "--detach")).stdout.trim();
    const seat = house.sitAtShell(`TERM=dumb ${house.line(`attach ${id}`)}; echo "status $?"; read -r`);
    await seat.shows("status 1");
    expect(seat.rows[0]).toMatch(/^t2a: this terminal \(TERM=dumb\) cannot show a session/);
  });
});

describe("a session that nobody looks at", () => {
  it("is typed into, waited for, looked at and ended", async () => {
    const house = sessionHouse();
    await house.session("new", "-n", "work", "--detach");
    expect(await house.session("wait", "work", "--prompt", "--timeout", "20")).toMatchObject({
      status: 0,
      stdout: "prompt\n",
    });
    expect(await house.session("run", "work", "--", "printf 'a\\nb\\n'; (exit 4)")).toMatchObject({
      status: 4,
      stdout: "a\nb\n",
    });
    expect(await house.session("run", "work", "--", "echo", "a  b", "$HOME")).toMatchObject({
      status: 0,
      stdout: "a  b $HOME\n",
    });
    await house.session("send", "work", "sleep 100", "--enter");
    expect(await house.session("wait", "work", "--prompt", "--timeout", "0.2")).toMatchObject({
      status: 124,
      stdout: "timeout\n",
    });
    expect(await house.session("run", "work", "--", "true")).toMatchObject({ status: 1 });
    const waiting = house.session("wait", "work", "--text", "ne[v]er");
    await house.session("send", "work", "--keys", "C-c");
    expect(await house.session("wait", "work", "--prompt")).toMatchObject({ status: 0 });
    await house.session("send", "work", "--keys", "echo Space key-''names Enter");
    expect(await house.session("wait", "work", "--text", "^key-names", "--json")).toMatchObject({ status: 0 });
    expect((await house.session("screen", "work")).stdout).toMatch(
      /^\$ sleep 100\n\^C\n\$ echo key-''names\nkey-names\n/m,
    );
    expect(await house.session("kill", "work")).toMatchObject({ status: 0 });
    expect(await waiting).toMatchObject({ status: 3, stdout: "ended\n" });
    expect(await house.session("wait", "work", "--exit")).toMatchObject({ status: 0, stdout: "exit\n" });
    expect((await house.session("ls")).stdout).toBe("");
    expect((await house.session("ls", "--all")).stdout).toContain("work");
    expect(await house.session("rm", "work")).toMatchObject({ status: 0, stderr: "" });
    expect((await house.session("ls", "--all", "--json")).stdout).toBe("[]\n");
  });

  it("is offered to the shell that completes a line, and no daemon is started for that", async () => {
    const house = sessionHouse();
    expect(await house.session("complete")).toMatchObject({ status: 0, stdout: "" });
    await house.session("new", "-n", "work", "--detach");
    expect((await house.session("complete", "--describe")).stdout).toMatch(/^work\tactive /);
  });

  it("is watched by ls and top until a key is pressed", async () => {
    const house = sessionHouse();
    await house.session("new", "-n", "work", "--detach");
    for (const args of [["ls", "--watch"], ["top"]]) {
      const seat = house.sit(args);
      await seat.shows(/work/);
      expect(seat.screen.alternate).toBe(true);
      seat.driver.type("q");
      expect(await seat.driver.ends()).toMatchObject({ status: 0 });
      expect(seat.screen.alternate).toBe(false);
    }
  });
});

describe("a session in tmux", () => {
  const reason = missing("tmux");
  it.skipIf(reason !== undefined)(
    titled("is shown by clients of many sizes, of which one that is stopped holds up nobody", reason),
    async () => {
      const house = sessionHouse();
      await house.session("new", "-n", "work", "--detach");
      const socket = `${house.base}/tmux`;
      const tmux = (...args: readonly string[]) =>
        run("env", ["-u", "TMUX", "tmux", "-S", socket, "-f", "/dev/null", ...args]).toString();
      const environment = Object.entries(house.env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
      const sizes = [30, 60, 90, 120].map((cols, n) => [`c${n}`, cols, 8 + n * 6] as const);
      try {
        for (const [name, cols, rows] of sizes)
          tmux(
            "new-session",
            "-d",
            ...environment,
            "-s",
            name,
            "-x",
            `${cols}`,
            "-y",
            `${rows}`,
            `${house.line("attach work")}; read -r`,
          );
        const pane = (name: string) => tmux("capture-pane", "-p", "-t", name);
        await pollUntil(
          "all clients",
          async () => JSON.parse((await house.session("clients", "work", "--json")).stdout).length === 4,
          20_000,
        );
        // tmux lets its own child go on at once: the client is its shell's.
        const shell = tmux("display-message", "-p", "-t", "c0", "#{pane_pid}").trim();
        const stopped = Number(run("pgrep", ["-P", shell]).toString());
        process.kill(stopped, "SIGSTOP");
        await house.session("send", "work", "seq 100000; echo do''ne", "--enter");
        expect(await house.session("wait", "work", "--text", "^done", "--timeout", "20")).toMatchObject({ status: 0 });
        for (const [name] of sizes.slice(1)) await pollUntil(`the end in ${name}`, () => /^done/m.test(pane(name)));
        expect(pane("c0")).not.toContain("done");
        process.kill(stopped, "SIGCONT");
        await pollUntil("the end in the one that was stopped", () => /^done/m.test(pane("c0")));
        const isFull = () => tmux("display-message", "-p", "-t", "c3", "#{alternate_on}").trim() === "1";
        expect(isFull()).toBe(true);
        await house.session("detach", "work");
        await pollUntil("the terminal given back", () => !isFull() && pane("c3").startsWith("[detached from work"));
      } finally {
        tmux("kill-server");
      }
    },
  );
});
