// Programs that take too much, run by an ordinary user: what each limit does, as its state, the event in its recording and its exit status.
import { expect, House, until } from "./house.mjs";

/** `ends`, `holds`: which limit ends it, or has its output wait. Status 129 is hung up on, 137 killed, 153 SIGXFSZ. */
const PROGRAMS = [
  {
    name: "memory hog",
    command: `exec '${process.execPath}' -e 'const all = []; setInterval(() => all.push(Buffer.alloc(4e6, 1)), 20)'`,
    limits: ["memory=200M"],
    ends: "memory",
    status: 137,
  },
  {
    name: "fork bomb",
    command: "exec bash -c ':() { :|: & }; :; sleep 1000'",
    limits: ["processes=30"],
    ends: "processes",
    status: 137,
  },
  {
    name: "disk filler, output",
    command: "base64 /dev/urandom",
    limits: ["recording_size=4M"],
    ends: "recording_size",
    status: 129,
  },
  {
    name: "disk filler, file",
    command: "exec head -c 50M /dev/zero > big",
    limits: ["file_size=5M"],
    ends: "file_size",
    status: 153,
  },
  {
    name: "endless output",
    command: "yes 'nothing new'",
    limits: ["output_rate=100K", "wall_time=14s"],
    holds: "output_rate",
    ends: "wall_time",
    status: 129,
  },
  { name: "endless work", command: "while :; do :; done", limits: ["cpu_time=2s"], ends: "cpu_time", status: 137 },
  { name: "long sleep", command: "sleep 1000", limits: ["wall_time=2s"], ends: "wall_time", status: 129 },
  { name: "silence", command: "sleep 1000", limits: ["idle_time=2s"], ends: "idle_time", status: 129 },
];

export async function limits() {
  const house = new House({ isOrdinary: true });
  try {
    await house.prints(["daemon", "start"]);
    const lines = [];
    let isBad = false;
    for (const [at, program] of PROGRAMS.entries()) {
      const { line, isGood } = await run(house, `limited-${at}`, program).catch(({ message }) => {
        return { line: `${program.name}: ${message}`, isGood: false };
      });
      lines.push(isGood ? line : `FAILED: ${line}`);
      isBad ||= !isGood;
    }
    expect(!isBad, lines.join("\nlimits: "));
    return lines;
  } finally {
    await house.close();
  }
}

async function run(house, name, { name: what, command, limits: wishes, ends, holds, status }) {
  const options = wishes.flatMap((limit) => ["--limit", limit]);
  await house.prints(["template", "add", name, "--command", command, ...options]);
  const began = performance.now();
  const { id, live } = await house.json("session", "new", "-n", name, "--template", name);
  let isOver = false;
  const waiting = house.t2a(["session", "wait", id, "--exit", "--timeout", "60"]).finally(() => {
    isOver = true;
  });
  let most = 0;
  await until("its end", () => {
    most = Math.max(most, house.processes(`T2A_SESSION=${id}`).length);
    return isOver;
  });
  const seconds = (performance.now() - began) / 1000;
  await waiting;
  const left = await until("its processes' end", () => house.processes(`T2A_SESSION=${id}`).length === 0, 10_000)
    .then(() => 0)
    .catch(() => house.processes(`T2A_SESSION=${id}`).length);
  const info = await until("its recording in the library", async () => {
    const found = await house.json("session", "info", id);
    return found.recordings.length > 0 && found;
  });
  const bites = limitEvents(await house.prints(["convert", "-q", "-f", "json", id, "-"]));
  const said = bites.map(({ action, limit }) => `${limit} ${action}`);
  const wanted = [...(ends === undefined ? [] : [`${ends} kill`]), ...(holds === undefined ? [] : [`${holds} hold`])];
  const isGood =
    info.status === "failed" &&
    info.exitStatus === status &&
    left === 0 &&
    wanted.every((event) => said.includes(event));
  const used = bites.findLast(({ action }) => action === "kill");
  const line = [
    `${what} (${wishes.join(", ")}): ${info.status}, status ${info.exitStatus}, ${info.error ?? "no error"};`,
    `events ${[...new Set(said)].join(", ") || "none"}${used === undefined ? "" : ` at ${used.used} of ${used.bound}`};`,
    ...live.warnings.map((warning) => `said at the start: ${warning};`),
    `${most} processes at most, ${left} left, ${(info.stats.outputBytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s`,
  ].join(" ");
  return { line, isGood };
}

/** The limits that were told in a recording. */
function limitEvents(text) {
  const lines = text.split("\n").filter((line) => line.includes('"t2a.limit"'));
  return lines.map((line) => JSON.parse(line)).flatMap(({ code, data }) => (code === "t2a.limit" ? [data] : []));
}
