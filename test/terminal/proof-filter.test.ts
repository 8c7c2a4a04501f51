// What proves the marks of a shell is taken out of what others are shown, wherever the output is cut.
import { expect, test } from "vitest";
import { ProofFilter, Screen } from "../../src/terminal/index.js";

const SECRET = "0123456789abcdef";
const mark = (text: string, end = "\x07") => `\x1b]633;${text};aid=12;t2a=${SECRET}.7${end}`;
const without = (text: string) => text.replaceAll(`${SECRET}.7`, "");

const OUTPUT = [
  "plain \x1b[31mred\x1b[0m ",
  `${mark("A")}$ ${mark("B", "\x1b\\")}ls${mark("E;ls \\x3b -l")}${mark("C")}\r\n`,
  "\x1b]0;title;t2a=of its own\x07\x1b]6\x1b]633\x07 ]633;A;t2a=text of a program\r\n",
  `${mark("D;0", "\x18")}${mark("P;Cwd=/")}\x1b]633;B;t2a\x07\x1b`,
].join("");

test("wherever it is cut", () => {
  const bytes = Buffer.from(OUTPUT, "latin1");
  for (let size = 1; size <= bytes.length; size++) {
    const filter = new ProofFilter();
    const shown: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += size) shown.push(filter.take(bytes.subarray(at, at + size)));
    expect(Buffer.concat(shown).toString("latin1"), `pieces of ${size}`).toBe(without(OUTPUT));
  }
});

test("also out of a screen that ends within a mark: whoever is shown that screen and what follows sees the same", () => {
  const bytes = Buffer.from(`${OUTPUT}[0mthe end`, "latin1");
  const whole = new Screen({ cols: 40, rows: 6 });
  whole.feed(bytes);
  for (let at = 0; at <= bytes.length; at++) {
    const filter = new ProofFilter();
    const screen = new Screen({ cols: 40, rows: 6 });
    screen.feed(bytes.subarray(0, at));
    filter.take(bytes.subarray(0, at));
    const dump = filter.withoutOpenProof(screen.dump());
    expect(Buffer.from(dump).includes("t2a=0"), `cut at ${at}`).toBe(false);
    const copy = new Screen({ cols: 40, rows: 6 });
    copy.feed(dump);
    copy.feed(filter.take(bytes.subarray(at)));
    expect(copy.text(), `cut at ${at}`).toEqual(whole.text());
  }
});

test("output without marks is passed on as it is", () => {
  const filter = new ProofFilter();
  const chunk = Buffer.from("\x1b[1mbold\x1b[0m");
  expect(filter.take(chunk)).toBe(chunk);
});
