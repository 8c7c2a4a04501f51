// Four bytes at once say what each byte says alone.
import { describe, expect, it } from "vitest";
import { isAscii, needsEscape, viewOf } from "../../../formats/ndjson/plain-words.js";

const isSpecial = (byte: number) => byte < 0x20 || byte === 0x22 || byte === 0x5c;

describe("needsEscape", () => {
  it("agrees with looking at each byte, for every byte beside every neighbour", () => {
    const bytes = new Uint8Array(4);
    const view = viewOf(bytes);
    let differing = 0;
    for (const others of [0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7f, 0x80, 0xa2, 0xdc, 0xff, 0x00, 0x1f]) {
      for (let position = 0; position < 4; position++) {
        for (let byte = 0; byte < 256; byte++) {
          bytes.fill(others);
          bytes[position] = byte;
          if (needsEscape(view.getInt32(0, true)) !== (isSpecial(byte) || isSpecial(others))) differing++;
        }
      }
    }
    expect(differing).toBe(0);
  });
});

describe("isAscii", () => {
  it("finds a byte beyond ASCII at each of the four places, and as a byte alone", () => {
    for (const place of [0, 1, 2, 3]) expect(isAscii(0x41414141 | (0x80 << (8 * place)))).toBe(false);
    expect(isAscii(0xff)).toBe(false);
    expect(isAscii(0x7f7f7f7f)).toBe(true);
  });
});
