// Sessions that print numbered lines, and whether their recordings hold all of them.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Attached } from "./attached.mjs";

const TALKER = fileURLToPath(new URL("talker.mjs", import.meta.url));
const STOP = "stop";

/** Ends all that were started. */
export function stopTalkers(house) {
  writeFileSync(house.path(STOP), "");
}

/** Starts `count` of them, each with a client that is attached. `number`: of the last line that the client was given. */
export async function startTalkers(house, client, count, rate) {
  const talkers = [];
  for (let at = 1; at <= count; at++) {
    const name = `talker-${at}`;
    const path = house.path(`${name}.log`);
    const info = await client.createSession({
      name,
      argv: [process.execPath, TALKER, name, path, house.path(STOP), String(rate)],
      env: house.env,
      cwd: house.base,
    });
    const one = { name, info, path, number: 0, attached: undefined };
    const onText = (text) => {
      one.number = Math.max(one.number, lastNumber(name, text));
    };
    one.attached = await Attached.open(client, info.id, { onText });
    talkers.push(one);
  }
  return talkers;
}

/** What the program wrote, as a terminal has it. */
export function said(path) {
  return Buffer.from(readFileSync(path, "utf8").replaceAll("\n", "\r\n"));
}

/** Number of the last whole line of a talker that the text holds; 0 where there is none. */
export function lastNumber(name, text) {
  let last = 0;
  for (const [, digits] of text.matchAll(new RegExp(`${name} ([0-9]{7}) `, "g"))) last = Math.max(last, Number(digits));
  return last;
}

/** Bytes of `wanted` that are not in their place in `found`: all from the first that differs. */
export function bytesLost(wanted, found) {
  if (wanted.equals(found)) return 0;
  let same = 0;
  while (same < wanted.length && wanted[same] === found[same]) same++;
  return Math.max(wanted.length, found.length) - same;
}
