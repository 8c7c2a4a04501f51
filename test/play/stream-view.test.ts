// Playing into a pipe or a file.
import { describe, expect, it } from "vitest";
import { StoreError } from "../../src/core/index.js";
import { StreamView } from "../../src/play/index.js";

function failing(error: unknown): StreamView {
  return new StreamView({
    write: () => {
      throw error;
    },
  });
}

describe("StreamView", () => {
  it("writes every byte as it is and adds none of its own", async () => {
    const written: Uint8Array[] = [];
    const view = new StreamView({ write: (bytes) => void written.push(bytes) });
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(await view.resize()).toBe(true);
    expect(await view.output(bytes)).toBe(true);
    expect(await view.restart()).toBe(true);
    await view.close();
    expect(Buffer.concat(written)).toEqual(Buffer.from(bytes));
  });

  it("filters and undoes where the stream is a terminal after all", async () => {
    const written: Uint8Array[] = [];
    const view = new StreamView({ write: (bytes) => void written.push(bytes) }, { terminal: true });
    await view.output(Buffer.from("a\x1b]52;c;aGk=\x07\x1b[?25l"));
    await view.restart();
    await view.output(Buffer.from("\x1b[1m"));
    await view.close();
    expect(Buffer.concat(written).toString()).toBe("a\x1b[?25l\x1b[?25h\x1b[1m\x1b[0m");
  });

  it("says that nobody reads any more instead of failing", async () => {
    const broken = new StoreError("T2A_FILE_IO", "cannot write -", { details: { systemCode: "EPIPE" } });
    expect(await failing(broken).output(new Uint8Array(1))).toBe(false);
    expect(await failing(Object.assign(new Error("reset"), { code: "ECONNRESET" })).output(new Uint8Array(1))).toBe(
      false,
    );
  });

  it("fails where writing fails for any other reason", async () => {
    const full = new StoreError("T2A_FILE_IO", "cannot write -: the disk is full", {
      details: { systemCode: "ENOSPC" },
    });
    await expect(failing(full).output(new Uint8Array(1))).rejects.toBe(full);
  });
});
