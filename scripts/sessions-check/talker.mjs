// Prints numbered lines at a steady rate, with a pause each second, and writes the same into a file of its own; until it is told to stop.
// arguments: name, path of the file, path of a file that says to stop, lines a second
import { existsSync, openSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const TICK_MS = 20;
const PAUSE_MS = 200;
const TICKS_BETWEEN_PAUSES = 40;

const [name, path, stop, rate] = process.argv.slice(2);
const file = openSync(path, "w");
const atOnce = Math.max(1, Math.round((Number(rate) * TICK_MS) / 1000));
for (let tick = 1; !existsSync(stop); tick++) {
  let text = "";
  for (let number = (tick - 1) * atOnce + 1; number <= tick * atOnce; number++) text += line(number);
  write(file, text);
  write(1, text);
  await sleep(tick % TICKS_BETWEEN_PAUSES === 0 ? PAUSE_MS : TICK_MS);
}

function line(number) {
  const [digits, rest] = [String(number).padStart(7, "0"), "as it was said: größer ≥ 日本".slice(0, 8 + (number % 20))];
  return `${name} ${digits} \x1b[3${1 + (number % 7)}m${rest}\x1b[m\n`;
}

function write(descriptor, text) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}
