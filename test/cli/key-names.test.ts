import { describe, expect, it } from "vitest";
import { dependsOnModes, keyBytes, splitKeyNames } from "../../src/cli/key-names.js";

function sent(text: string, applicationCursorKeys = false): string {
  return Buffer.from(keyBytes(splitKeyNames(text), { applicationCursorKeys })).toString();
}

describe("names of keys", () => {
  it.each([
    ["C-c", "\x03"],
    ["^c", "\x03"],
    ["C-]", "\x1d"],
    ["C-Space", "\0"],
    ["C-?", "\x7f"],
    ["M-x", "\x1bx"],
    ["C-M-a", "\x1b\x01"],
    ["S-a", "A"],
    ["Enter", "\r"],
    ["enter", "\r"],
    ["Tab", "\t"],
    ["BTab", "\x1b[Z"],
    ["S-Tab", "\x1b[Z"],
    ["Escape", "\x1b"],
    ["Space", " "],
    ["BSpace", "\x7f"],
    ["M-BSpace", "\x1b\x7f"],
    ["DC", "\x1b[3~"],
    ["IC", "\x1b[2~"],
    ["PPage", "\x1b[5~"],
    ["NPage", "\x1b[6~"],
    ["C-NPage", "\x1b[6;5~"],
    ["F1", "\x1bOP"],
    ["F5", "\x1b[15~"],
    ["F12", "\x1b[24~"],
    ["S-F1", "\x1b[1;2P"],
    ["C-Left", "\x1b[1;5D"],
    ["M-S-Up", "\x1b[1;4A"],
  ])("%s is what xterm sends for it", (name, bytes) => {
    expect(sent(name)).toBe(bytes);
  });

  it("give cursor keys in the form that the program asked for", () => {
    expect(sent("Up Home")).toBe("\x1b[A\x1b[H");
    expect(sent("Up Home", true)).toBe("\x1bOA\x1bOH");
    expect(sent("C-Up", true)).toBe("\x1b[1;5A");
    expect(dependsOnModes(["C-c", "Down"])).toBe(true);
    expect(dependsOnModes(["C-c", "F1", "Enter"])).toBe(false);
  });

  it("type literally what is no name", () => {
    expect(sent("Escape :wq Enter")).toBe("\x1b:wq\r");
    expect(sent("C-foo")).toBe("C-foo");
    expect(sent("C-é")).toBe("C-é");
    expect(sent("M-é")).toBe("\x1bé");
    expect(sent("C- ^ -")).toBe("C-^-");
    expect(sent("  a \n b ")).toBe("ab");
  });
});
