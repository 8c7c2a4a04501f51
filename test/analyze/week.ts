// A week of work, made up: sessions of a shell with what was typed, echoed and printed, and what is true of each command.
import type { Event, Header } from "../../src/core/index.js";
import { SHELL } from "./sessions.js";

/** What is known of a command in advance. */
export interface TrueCommand {
  readonly line: string;
  readonly cwd: string;
  readonly status: number;
  /** Nanoseconds since the session's start. */
  readonly start: number;
  readonly duration: number;
  readonly depth: number;
  /** It started a shell, in which the commands before it of one depth more were run. */
  readonly isShell: boolean;
  /** From its start to its first output; undefined: it printed nothing. */
  readonly firstOutput: number | undefined;
}

/** A session and its truth. Commands are in the order in which they ended. */
export interface MadeSession {
  readonly name: string;
  readonly header: Header;
  readonly events: readonly Event[];
  readonly commands: readonly TrueCommand[];
  /** Nanoseconds for which the alternate buffer was shown. */
  readonly fullScreen: number;
  /** Latencies, nanoseconds: of keys to their echoes, of enter to what a command printed. */
  readonly keyToEcho: readonly number[];
  readonly enterToOutput: readonly number[];
}

const MS = 1e6;
const SECOND = 1e9;

/** Numbers that look random, the same ones every time. */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % limit;
  };
}

interface Habit {
  readonly lines: readonly string[];
  readonly weight: number;
  /** Percent of runs that fail, and with what. */
  readonly fails?: number;
  readonly status?: number;
  /** Milliseconds, at most. */
  readonly takes: number;
  /** Bytes printed, at most. */
  readonly prints: number;
  /** The last line where it fails. */
  readonly says?: string;
  /** Run again when it failed, in so many percent. */
  readonly again?: number;
}

const HABITS: readonly Habit[] = [
  { lines: ["git status"], weight: 20, takes: 60, prints: 900 },
  { lines: ["ls -la"], weight: 10, takes: 20, prints: 2000 },
  {
    lines: ["npm test"],
    weight: 14,
    fails: 40,
    says: "AssertionError: expected 3 to be 4",
    takes: 40_000,
    prints: 30_000,
    again: 70,
  },
  { lines: ["git add -A", "git commit -m wip", "git push"], weight: 7, takes: 2500, prints: 400 },
  {
    lines: ["cargo build --release --workspace"],
    weight: 5,
    fails: 15,
    status: 101,
    says: "error[E0382]: borrow of moved value: `cart`",
    takes: 180_000,
    prints: 200_000,
  },
  { lines: ["cd /home/me/app", "git pull"], weight: 4, takes: 1500, prints: 300 },
  { lines: ["cd /home/me/infra"], weight: 4, takes: 2, prints: 0 },
  {
    lines: ["sudo -u deploy env STAGE=1 ansible-playbook site.yml"],
    weight: 2,
    fails: 50,
    status: 2,
    takes: 90_000,
    prints: 9000,
  },
  {
    lines: ["gti status"],
    weight: 2,
    fails: 100,
    status: 127,
    says: "bash: gti: command not found",
    takes: 4,
    prints: 40,
  },
  { lines: ["tail -f log/development.log"], weight: 2, fails: 100, status: 130, takes: 60_000, prints: 4000 },
  { lines: ['for f in *.ts; do\n  wc -l "$f"\ndone'], weight: 1, takes: 300, prints: 3000 },
  { lines: ["vim README.md"], weight: 3, takes: 200_000, prints: 9000 },
  { lines: ["bash"], weight: 1, takes: 0, prints: 0 },
];

class SessionMaker {
  readonly events: Event[] = [];
  readonly commands: TrueCommand[] = [];
  readonly keyToEcho: number[] = [];
  readonly enterToOutput: number[] = [];
  fullScreen = 0;
  time = 0;
  #cwd = "/home/me";
  readonly #random: (limit: number) => number;

  constructor(random: (limit: number) => number) {
    this.#random = random;
  }

  out(text: string): void {
    this.events.push({ kind: "output", time: this.time, data: Buffer.from(text) });
  }

  prompt(status?: number): void {
    this.out(
      `${status === undefined ? "" : SHELL.D(status)}${SHELL.osc(`7;file://${this.#cwd}`)}${SHELL.A}$ ${SHELL.B}`,
    );
  }

  /** Thinks, types, runs; gives the status. */
  run(line: string, habit: Habit, depth: number): number {
    this.time += this.#random(10) === 0 ? (5 + this.#random(900)) * SECOND : (200 + this.#random(4500)) * MS;
    this.#type(line);
    const hasFailed = this.#random(100) < (habit.fails ?? 0);
    const status = hasFailed ? (habit.status ?? 1) : 0;
    this.out(
      `\r\n${SHELL.osc(`633;E;${line.replaceAll("\\", "\\\\").replaceAll(";", "\\x3b").replaceAll("\n", "\\x0a")}`)}${SHELL.C}`,
    );
    const start = this.time;
    const cwd = this.#cwd;
    const isShell = line === "bash";
    if (isShell) {
      this.time += 30 * MS;
      this.enterToOutput.push(30 * MS);
      this.prompt();
      const inner = 1 + this.#random(4);
      for (let at = 0; at < inner; at++) this.#task(depth + 1);
      this.run("exit", { lines: [], weight: 0, takes: 2, prints: 0 }, depth + 1);
      this.commands.push({
        line,
        cwd,
        status: 0,
        start,
        duration: this.time - start,
        depth,
        isShell,
        firstOutput: 30 * MS,
      });
      return 0;
    }
    const firstOutput = this.#print(line, habit, status === 0 ? undefined : habit.says);
    // Where nothing was printed, the next prompt is what one waited for.
    this.enterToOutput.push(firstOutput ?? this.time - start);
    if (line.startsWith("cd ")) this.#cwd = line.slice(3);
    this.commands.push({ line, cwd, status, start, duration: this.time - start, depth, isShell, firstOutput });
    if (line === "exit" && depth > 0) this.out(SHELL.D(status));
    this.prompt(line === "exit" ? undefined : status);
    return status;
  }

  #type(line: string): void {
    for (const character of line) {
      this.time += (60 + this.#random(200)) * MS;
      this.events.push({ kind: "input", time: this.time, data: Buffer.from(character === "\n" ? " " : character) });
      const echo = (1 + this.#random(40)) * MS;
      this.keyToEcho.push(echo);
      this.time += echo;
      this.out(character);
    }
    this.time += 80 * MS;
    this.events.push({ kind: "input", time: this.time, data: Buffer.from("\r") });
  }

  #print(line: string, { takes, prints }: Habit, says: string | undefined): number | undefined {
    const start = this.time;
    const end = start + (1 + this.#random(takes + 1)) * MS;
    const bytes = this.#random(prints + 1);
    const isFullScreen = line.startsWith("vim");
    let first: number | undefined;
    const pieces = isFullScreen ? 20 : Math.ceil(bytes / 4096);
    for (let at = 0; at < pieces; at++) {
      this.time = start + Math.floor(((at + 1) * (end - start)) / (pieces + 1));
      first ??= this.time - start;
      if (isFullScreen && at === 0) this.out("\x1b[?1049h\x1b[H~");
      else if (isFullScreen && at === pieces - 1) this.out("\x1b[?1049l");
      else this.out("\x1b[32mok\x1b[0m ".padEnd(Math.min(4096, bytes) - 2, "x").concat("\r\n"));
      if (isFullScreen && at === 0) this.fullScreen -= this.time;
      if (isFullScreen && at === pieces - 1) this.fullScreen += this.time;
    }
    this.time = end;
    if (says !== undefined) {
      first ??= end - start;
      this.out(`\x1b[31m${says}\x1b[0m\r\n`);
    }
    return first;
  }

  #task(depth: number): void {
    const habits = depth > 0 ? HABITS.filter(({ lines }) => lines[0] !== "bash") : HABITS;
    let at = this.#random(habits.reduce((sum, { weight }) => sum + weight, 0));
    const habit = habits.find(({ weight }) => {
      at -= weight;
      return at < 0;
    });
    if (habit === undefined) throw new Error("no habit");
    for (const line of habit.lines) {
      let status = this.run(line, habit, depth);
      while (status !== 0 && this.#random(100) < (habit.again ?? 0)) status = this.run(line, habit, depth);
    }
  }

  work(tasks: number): void {
    this.prompt();
    for (let at = 0; at < tasks; at++) this.#task(0);
    this.time += 3 * SECOND;
    this.events.push({ kind: "exit", time: this.time, status: 0 });
  }
}

/** Sessions of seven days from Monday the 2nd of March 2026, in the local time zone. */
export function makeWeek({
  seed = 1,
  tasks = 40,
}: {
  readonly seed?: number;
  readonly tasks?: number;
} = {}): MadeSession[] {
  const random = randomNumbers(seed);
  const sessions: MadeSession[] = [];
  for (let day = 0; day < 7; day++) {
    for (const hour of day > 4 ? [15] : [9, 13, 20]) {
      const maker = new SessionMaker(random);
      maker.work(1 + random(tasks));
      const start = new Date(2026, 2, 2 + day, hour, random(60), random(60)).getTime();
      sessions.push({
        name: `day-${day + 1}-${hour}`,
        header: { cols: 80, rows: 24, startTime: BigInt(start) * 1_000_000n, user: "me", host: "here" },
        events: maker.events,
        commands: maker.commands,
        fullScreen: maker.fullScreen,
        keyToEcho: maker.keyToEcho,
        enterToOutput: maker.enterToOutput,
      });
    }
  }
  return sessions;
}
