// t2a verify and t2a inspect.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { json } from "../../formats/json/index.js";
import { CanonicalHash } from "../../formats/t2r/canonical.js";
import { t2r } from "../../formats/t2r/index.js";
import { signEvents } from "../../formats/t2r/signature.js";
import { createKey, fingerprint, loadPublicKey } from "../../src/security/index.js";
import { decodeFiles, encodeBatches } from "../conformance/format-io.js";
import { encodeBlocks, flipped, recorded, variedEvents } from "../formats/t2r/damaged-files.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const demo = fileURLToPath(new URL("../../fixtures/demo.json", import.meta.url));
/** An intact file, one without its end, one with a damaged index. */
async function files(): Promise<(name: string) => string> {
  const path = tempDir();
  expect((await runCli(["convert", "-q", demo, path("demo.t2r")])).status).toBe(0);
  const bytes = readFileSync(path("demo.t2r"));
  writeFileSync(path("cut.t2r"), bytes.subarray(0, bytes.length - 44));
  bytes[bytes.length - 60] = (bytes.at(-60) ?? 0) ^ 1;
  writeFileSync(path("bad.t2r"), bytes);
  return path;
}

describe("t2a verify", () => {
  it("says that a file is intact, with status 0", async () => {
    const path = await files();
    expect(await runCli(["verify", path("demo.t2r")])).toMatchObject({ status: 0, stdout: "intact, unsigned\n" });
    const { stdout } = await runCli(["verify", "--json", path("demo.t2r")]);
    expect(JSON.parse(stdout)).toMatchObject({
      state: "intact",
      signed: false,
      signatures: [],
      problems: [],
      good: { blocks: 1 },
    });
  });

  it("names what is damaged and what is good, with status 1", async () => {
    const path = await files();
    const { status, stdout } = await runCli(["verify", path("bad.t2r")]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^damaged\n {2}byte \d+, \d+ bytes: a frame's checksum does not hold\n/);
    expect(stdout).toMatch(/good: 1 block, \d+ events/);
    const { stdout: json } = await runCli(["verify", "--json", path("bad.t2r")]);
    expect(JSON.parse(json).problems[0].offset).toBeGreaterThan(0);
  });

  it("tells an unfinished file from a damaged one", async () => {
    const path = await files();
    const { status, stdout } = await runCli(["verify", path("cut.t2r")]);
    expect([status, stdout.split("\n")[0]]).toEqual([1, "unfinished"]);
    expect(stdout).toContain("no journal of it is beside it");
    expect(stdout).toContain("t2a recover finishes the file");
    expect(JSON.parse((await runCli(["verify", "--json", path("cut.t2r")])).stdout)).toMatchObject({ journal: null });
  });

  it("says how much of an unfinished file is in blocks and how much in the journal", async () => {
    const path = tempDir();
    const { name, bytes, siblings } = recorded(variedEvents(20, 400));
    writeFileSync(path(name), bytes);
    for (const [sibling, journal] of Object.entries(siblings)) writeFileSync(path(sibling), journal);
    const { status, stdout } = await runCli(["verify", path(name)]);
    expect([status, stdout.split("\n")[0]]).toEqual([1, "unfinished"]);
    expect(stdout).toMatch(/^good: 4 blocks, 18 events, \d+ bytes of output, up to 6\.8s$/m);
    expect(stdout).toMatch(/^in the journal: 2 events, \d+ bytes of output, up to 7\.6s$/m);
    const { good, journal } = JSON.parse((await runCli(["verify", "--json", path(name)])).stdout);
    expect([good.events + journal.events, journal.durationNs]).toEqual([20, 7.6e9]);
  });

  it("says from when to when a damaged block was", async () => {
    const path = tempDir();
    const parts = encodeBlocks([0, 1, 2].map((at) => variedEvents(30, 1000).slice(at * 10, at * 10 + 10)));
    const inSecond = (parts[0]?.length ?? 0) + (parts[1]?.length ?? 0) + 50;
    writeFileSync(path("bad.t2r"), flipped(Buffer.concat(parts), inSecond, 1));
    const { status, stdout } = await runCli(["verify", path("bad.t2r")]);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^damaged\n {2}byte \d+, \d+ bytes, from 9\.0s to 20\.0s of the recording: a frame's checksum/,
    );
    expect(stdout).toMatch(/^good: 2 blocks, 20 events, /m);
    writeFileSync(path("missing.t2r"), Buffer.concat(parts.filter((_, at) => at !== 2)));
    expect((await runCli(["verify", path("missing.t2r")])).stdout).toMatch(
      /^damaged\n {2}byte \d+, from 9\.0s to 20\.0s of the recording: a block is missing\n/,
    );
    writeFileSync(path("short.t2r"), Buffer.concat(parts.slice(0, 3)).subarray(0, -150));
    expect((await runCli(["verify", path("short.t2r")])).stdout).toContain(", from 9.0s on of the recording: ");
  });

  it("knows a .t2r that is cut within its first frame", async () => {
    const path = await files();
    writeFileSync(path("head.t2r"), readFileSync(path("demo.t2r")).subarray(0, 40));
    const { status, stdout } = await runCli(["verify", path("head.t2r")]);
    expect([status, stdout.split("\n")[0]]).toEqual([1, "damaged"]);
  });

  it("says who signed, demands a key, and tells what is signed in part", async () => {
    const path = await files();
    const keyOf = async (name: string): Promise<string> =>
      JSON.parse((await runCli(["key", "create", "--json", "-o", path(name)])).stdout).fingerprint;
    const [mine, other] = [await keyOf("mine.pem"), await keyOf("other.pem")];
    const signed = await runCli(["convert", "-q", "--sign-key", path("mine.pem"), demo, path("signed.t2r")]);
    expect(signed.status).toBe(0);
    expect(await runCli(["verify", path("signed.t2r")])).toMatchObject({
      status: 0,
      stdout: `intact, signed by ${mine}\n`,
    });
    const json = JSON.parse((await runCli(["verify", "--json", path("signed.t2r")])).stdout);
    const publicKey = Buffer.from(loadPublicKey(path("mine.pem"))).toString("base64");
    expect(json).toMatchObject({ state: "intact", signed: true });
    expect(json.signatures).toEqual([{ key: mine, publicKey, events: json.good.events, valid: true }]);
    for (const key of [path("mine.pem"), path("mine.pem.pub"), mine]) {
      expect((await runCli(["verify", "--key", key, path("signed.t2r")])).status).toBe(0);
    }
    expect(await runCli(["verify", "--key", other, path("signed.t2r")])).toMatchObject({
      status: 1,
      stdout: `intact, signed by ${mine}\nnot all of it is signed by ${other}\n`,
    });
    expect((await runCli(["verify", "--key", mine, path("demo.t2r")])).status).toBe(1);
    expect((await runCli(["verify", "--key", "SHA256:abc", path("demo.t2r")])).status).toBe(2);
    expect((await runCli(["verify", "--key", path("none"), path("demo.t2r")])).stderr).toContain("there is no key");
  });

  it("tells how far a signature goes, and counts signers beyond the first", async () => {
    const path = tempDir();
    const { header, events } = await decodeFiles(json, { name: "demo.json", bytes: readFileSync(demo) });
    const hash = new CanonicalHash();
    hash.header(header ?? { cols: 80, rows: 24 });
    const signatures = events.slice(0, 6).map((event, at) => {
      hash.event(event);
      return signEvents(createKey(path(`${at}.pem`)), at + 1, hash.value());
    });
    const { files } = await encodeBatches(t2r, header ?? { cols: 80, rows: 24 }, [events], { signatures });
    writeFileSync(path("part.t2r"), files.bytes);
    const { status, stdout } = await runCli(["verify", path("part.t2r")]);
    expect([status, stdout.trim().split(", ")]).toEqual([
      0,
      [
        "intact",
        ...[6, 5, 4, 3].map(
          (count) =>
            `signed by ${fingerprint(loadPublicKey(path(`${count - 1}.pem`)))} up to event ${count} of ${events.length}`,
        ),
        "and by 2 more",
      ],
    ]);
    const key = path("5.pem.pub");
    expect((await runCli(["verify", "--key", key, path("part.t2r")])).status).toBe(1);
    expect((await runCli(["inspect", path("part.t2r")])).stdout).toContain(
      `6 events, by ${fingerprint(loadPublicKey(key))}`,
    );
  });

  it("refuses what is no .t2r", async () => {
    const { status, stderr } = await runCli(["verify", demo]);
    expect([status, stderr.split("\n").length]).toEqual([1, 2]);
    expect(stderr).toContain("is no .t2r file");
  });
});

describe("t2a inspect", () => {
  it("refuses what has no frame, and ends with status 1 where one is damaged", async () => {
    const path = await files();
    writeFileSync(path("empty.t2r"), "");
    for (const name of [demo, path("empty.t2r")]) {
      const { status, stderr } = await runCli(["inspect", name]);
      expect([status, stderr.includes("no whole frame")]).toEqual([1, true]);
    }
    expect((await runCli(["inspect", path("bad.t2r")])).status).toBe(1);
  });

  it("shows frames with their offsets, damaged ones too", async () => {
    const path = await files();
    const { stdout } = await runCli(["inspect", path("demo.t2r")]);
    expect(stdout.split("\n").map((line) => line.trim().split(/ +/)[2])).toEqual([
      "frame",
      "HEADER",
      "BLOCK",
      "SECTION",
      "INDEX",
      "END",
      undefined,
    ]);
    expect((await runCli(["inspect", path("bad.t2r")])).stdout).toMatch(/DAMAGE +a frame's checksum does not hold/);
  });

  it("gives each frame as a line of JSON, which together are the file", async () => {
    const path = await files();
    const { stdout } = await runCli(["inspect", "--json", path("demo.t2r")]);
    const frames = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(frames.reduce((sum, { size }) => sum + size, 0)).toBe(readFileSync(path("demo.t2r")).length);
    expect(frames[1].block).toMatchObject({ sequence: 0, outputOffset: 0 });
  });
});
