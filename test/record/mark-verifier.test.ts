import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/index.js";
import { MarkVerifier } from "../../src/record/mark-verifier.js";
import { MemorySink, startRecordingOf, TestTty } from "./support.js";

const NONCE = "0123456789abcdef0123456789abcdef";
const mark = (n: number | string, nonce = NONCE, body = "A") => `\x1b]633;${body};aid=1;t2a=${nonce}.${n}\x07`;

/** Output and proofs as text: `*n` stands where a proof does. */
function shown(events: readonly Event[]): string {
  return events
    .map((event) => {
      if (event.kind === "output") return Buffer.from(event.data).toString("latin1");
      return event.kind === "custom" ? `*${JSON.parse(Buffer.from(event.data).toString()).n}` : event.kind;
    })
    .join("");
}

function judge(...chunks: readonly string[]): string {
  const verifier = new MarkVerifier(NONCE);
  return shown(chunks.flatMap((chunk, at) => verifier.events(Buffer.from(chunk, "latin1"), at)));
}

describe("a mark", () => {
  it("is proven by the nonce and a counter that rises, right behind its last byte", () => {
    expect(judge(`a${mark(1)}b${mark(2)}${mark(9)}c`)).toBe(`a${mark(1)}*1b${mark(2)}*2${mark(9)}*9c`);
  });

  it.each([
    ["a counter that was there before", mark(3)],
    ["a lower counter", mark(2)],
    ["another nonce", mark(4, "f".repeat(32))],
    ["a longer nonce", mark(4, `${NONCE}0`)],
    ["no counter", mark("")],
    ["a counter that is no number", mark("4x")],
    ["a counter written otherwise", mark("04")],
    ["a counter beyond all numbers", mark("9".repeat(40))],
    ["no end", mark(4).slice(0, -1)],
    ["another protocol", mark(4).replace("633", "133")],
    ["an end that is none", mark(4).replace("\x07", "\x1b[m\x07")],
  ])("is not proven by %s", (_why, forged) => {
    expect(judge(mark(3), forged, "x")).toBe(`${mark(3)}*3${forged}x`);
  });

  it("says what its events are", () => {
    const events = new MarkVerifier(NONCE).events(Buffer.from(`${mark(5)}x`), 7);
    expect(events).toEqual([
      { kind: "output", time: 7, data: Buffer.from(mark(5)) },
      { kind: "custom", time: 7, code: "t2a.mark", data: new TextEncoder().encode('{"n":5}') },
      { kind: "output", time: 7, data: Buffer.from("x") },
    ]);
  });

  it("leaves output that holds none as it came", () => {
    const data = Buffer.from("plain \x1b[1mtext\x1b[0m");
    const [event, ...others] = new MarkVerifier(NONCE).events(data, 0);
    expect(others).toEqual([]);
    expect(event?.kind === "output" && event.data).toBe(data);
  });

  it("is judged the same wherever reads cut the output", () => {
    const part = fc.oneof(
      fc.nat(12).map((n) => mark(n)),
      fc.constantFrom(
        "text",
        "\x1b",
        "\x1b]",
        "\x1b]6",
        "\x1b]633;",
        "]633;",
        "\x07",
        "\xc2",
        "\xc2\x9d",
        "\x9c",
        "\x1b[?1049h",
      ),
      fc.constantFrom(mark(4, "0".repeat(32)), mark(20, NONCE, "E;echo \\x3b"), mark(30).slice(0, 20)),
    );
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(40), { minLength: 1 }), (parts, cuts) => {
        const text = parts.join("");
        const chunks: string[] = [];
        for (let at = 0, k = 0; at < text.length; k++) {
          const size = (cuts[k % cuts.length] ?? 0) + 1;
          chunks.push(text.slice(at, at + size));
          at += size;
        }
        expect(judge(...chunks)).toBe(judge(text));
      }),
    );
  });
});

describe("a recorder", () => {
  const script = `printf '%s' '${mark(1)}one'; read x; printf '%s' '${mark(2)}hidden'; read x; printf '%s' '${mark(2)}${mark(3)}end'`;

  it("proves the marks of its shell alone, removes what started it, and counts on while it is paused", async () => {
    const removed: string[] = [];
    const tty = new TestTty();
    const sink = new MemorySink();
    const shell = { nonce: NONCE, env: { T2A_TEST_ONLY: "x" }, remove: () => void removed.push(tty.text) };
    const { result, recorder } = startRecordingOf("/bin/sh", ["-c", script], { tty, shell, createSinks: () => [sink] });
    await tty.sees("one");
    expect(removed).toHaveLength(1);
    recorder.pause();
    tty.type("\r");
    await tty.sees("hidden");
    await recorder.resume();
    tty.type("\r");
    const { header } = await result;
    const events = sink.events.filter(({ kind }) => kind !== "exit");
    const proofs = events.flatMap((event) => (event.kind === "custom" && event.code === "t2a.mark" ? [event] : []));
    expect(shown(proofs)).toBe("*1*3");
    expect(JSON.stringify({ ...header, startTime: "" })).not.toContain(NONCE);
    expect(removed).toHaveLength(2); // and at the end, whatever was before
  });

  it("looks for no marks where it started no such shell", async () => {
    const { sink, result } = startRecordingOf("/bin/sh", ["-c", `printf '%s' '${mark(1)}'`]);
    await result;
    expect(sink.events.map(({ kind }) => kind)).toEqual(["output", "exit"]);
  });
});
