// txt: what the screen showed.
import { expect, it } from "vitest";
import { txt } from "../../formats/txt.js";
import type { Event } from "../../src/core/index.js";

const output = (text: string): Event => ({ kind: "output", time: 0, data: new TextEncoder().encode(text) });

async function render(events: readonly Event[], cols = 10, rows = 3) {
  const encoder = await txt.createEncoder?.({});
  if (encoder === undefined) throw new Error("txt must be writable");
  let text = Buffer.from(encoder.header({ cols, rows })).toString();
  for (const event of events) text += Buffer.from(encoder.events([event])).toString();
  text += Buffer.from(encoder.end()).toString();
  return { text, losses: encoder.losses.table() };
}

it("holds lines that scrolled off and what is left on the screen", async () => {
  const { text } = await render([output("1\r\n2\r\n3\r\n4\r\n5")]);
  expect(text).toBe("1\n2\n3\n4\n5\n");
});

it("joins wrapped lines and leaves colours out", async () => {
  const { text } = await render([output("\u001b[31m0123456789ABC\u001b[0m\r\nend\r\n\r\n")]);
  expect(text).toBe("0123456789ABC\nend\n");
});

it("shows the last state of what was overwritten", async () => {
  expect((await render([output("10%\r50%\r100%\r\n")])).text).toBe("100%\n");
});

it("follows resizes, and counts what has no text as lost", async () => {
  const { text, losses } = await render([
    { kind: "resize", time: 0, cols: 20, rows: 3 },
    output("0123456789ABC"),
    { kind: "exit", time: 1, status: 0 },
  ]);
  expect(text).toBe("0123456789ABC\n");
  expect(losses).toEqual({ exit: 1 });
});
