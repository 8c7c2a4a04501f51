// Signatures: over the content, wherever blocks begin; whatever is not what was signed is found.
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CanonicalHash } from "../../../formats/t2r/canonical.js";
import { T2rEncoder } from "../../../formats/t2r/encoder.js";
import { buildFrame } from "../../../formats/t2r/frame.js";
import { t2r } from "../../../formats/t2r/index.js";
import { inspectT2r } from "../../../formats/t2r/inspect.js";
import { JournalWriter } from "../../../formats/t2r/journal.js";
import { FrameType } from "../../../formats/t2r/layout.js";
import { readSignatures } from "../../../formats/t2r/read-signatures.js";
import { FarthestSignatures, MAX_SIGNATURES, signaturePayload, signEvents } from "../../../formats/t2r/signature.js";
import { SigningTimer } from "../../../formats/t2r/signing-timer.js";
import { verifyT2r } from "../../../formats/t2r/verify.js";
import type { EncodeOptions, Event, Header, Signature, Signer } from "../../../src/core/index.js";
import { createKey, fingerprint, loadKey } from "../../../src/security/index.js";
import { decodeFiles, encodeBatches } from "../../conformance/format-io.js";
import { concatBytes, MemorySource, MemoryTarget } from "../../support/memory-io.js";
import { missing, run, titled } from "../../support/programs.js";
import { tempDir } from "../../support/temp-dir.js";
import { demo, pieces, rebuilt, source } from "./sample.js";

const HEADER: Header = { cols: 80, rows: 24 };
const newSigner = (): Signer => createKey(tempDir()("key.pem"));
const output = (at: number, bytes = 10): Event => ({
  kind: "output",
  time: at * 1000,
  data: new Uint8Array(bytes).fill(at),
});
const outputs = (count: number, bytes?: number) => Array.from({ length: count }, (_, at) => output(at, bytes));
const encode = async (events: readonly Event[], options: EncodeOptions, header = HEADER) =>
  await encodeBatches(t2r, header, events.length > 0 ? [events] : [], options);
const bytesOf = async (events: readonly Event[], options: EncodeOptions, header = HEADER) =>
  (await encode(events, options, header)).files.bytes;
const chainOf = (events: readonly Event[], header = HEADER) => {
  const hash = new CanonicalHash();
  hash.header(header);
  hash.events(events);
  return hash.value();
};
const signatureFrame = (signature: Signature) => buildFrame(FrameType.signature, signaturePayload(signature));
/** The file with frames put in between its last block and its index. */
const withFrames = (file: Uint8Array, ...frames: Uint8Array[]) => {
  const all = pieces(file);
  const size = concatBytes(frames).length;
  const end = rebuilt(all.at(-1) ?? file, (payload) => {
    for (const at of [0, 12]) payload.writeBigUInt64LE(payload.readBigUInt64LE(at) + BigInt(size), at);
  });
  return concatBytes([...all.slice(0, -2), ...frames, ...all.slice(-2, -1), end]);
};

describe("a signed .t2r", () => {
  it("is intact and signed over all of it; its signature is found again", async () => {
    const signer = newSigner();
    const { header, events } = await demo();
    for (const list of [events, []]) {
      const file = await bytesOf(list, { signer }, header);
      const { state, signatures, problems } = await verifyT2r(source(file));
      expect([state, problems]).toEqual(["intact", []]);
      expect(signatures).toEqual([
        { key: fingerprint(signer.publicKey), publicKey: signer.publicKey, events: list.length, valid: true },
      ]);
      const [signature] = await readSignatures(source(file));
      expect(signature).toMatchObject({ events: list.length });
      expect((await decodeFiles(t2r, { name: "x.t2r", bytes: file })).events).toHaveLength(list.length);
    }
  });

  const reason = missing("openssl");
  it.skipIf(reason)(titled("is signed in openssl's eyes, by the specification's offsets", reason), async () => {
    const path = tempDir();
    createKey(path("key.pem"));
    const [, block = new Uint8Array(0), frame = new Uint8Array(0)] = pieces(
      await bytesOf(outputs(3), { signer: loadKey(path("key.pem")) }),
    );
    const payload = frame.subarray(16, 16 + 136);
    // Of as many events as the block before it, whose chain stands at 48 of its payload.
    expect(payload.subarray(0, 8)).toEqual(Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0));
    expect(payload.subarray(8, 40)).toEqual(block.subarray(16 + 48, 16 + 80));
    writeFileSync(path("message"), concatBytes([Buffer.from("t2r-signature-1\n"), payload.subarray(0, 40)]));
    writeFileSync(path("signature"), payload.subarray(72));
    const files = ["-inkey", path("key.pem.pub"), "-in", path("message"), "-sigfile", path("signature")];
    run("openssl", ["pkeyutl", "-verify", "-pubin", "-rawin", ...files]);
  });

  it("shows its signatures to who inspects it", async () => {
    const signer = newSigner();
    const frames = [];
    for await (const frame of inspectT2r(source(await bytesOf(outputs(2), { signer })))) frames.push(frame);
    expect(frames.map(({ kind }) => kind)).toEqual(["header", "block", "signature", "index", "end"]);
    expect(frames[2]?.signature).toEqual({ events: 2, key: fingerprint(signer.publicKey) });
  });

  it("keeps its signatures when it is written anew with other blocks, also those that end inside one", async () => {
    const [first, second] = [newSigner(), newSigner()];
    const events = outputs(20, 100_000); // two blocks
    const signatures = [
      signEvents(second, 0, chainOf([])),
      signEvents(first, 5, chainOf(events.slice(0, 5))),
      signEvents(second, 20, chainOf(events)),
      signEvents(first, 7, chainOf(events.slice(0, 7))),
      signEvents(first, 13, chainOf(events.slice(0, 13))),
    ];
    const { files, losses } = await encode(events, { signatures });
    expect(losses).toEqual({});
    const { state, signatures: found } = await verifyT2r(source(files.bytes));
    expect(state).toBe("intact");
    // Of each key the one that covers most.
    expect(found.map(({ key, events: count, valid }) => [key, count, valid])).toEqual([
      [fingerprint(first.publicKey), 13, true],
      [fingerprint(second.publicKey), 20, true],
    ]);
    const again = await encode(events, { signatures: await readSignatures(source(files.bytes)), signer: newSigner() });
    expect((await verifyT2r(source(again.files.bytes))).signatures.map(({ valid }) => valid)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("loses, and counts, signatures over anything else", async () => {
    const signer = newSigner();
    const events = outputs(4);
    const good = signEvents(signer, 2, chainOf(events.slice(0, 2)));
    const signatures = [
      signEvents(signer, 2, chainOf(events.slice(1, 3))),
      { ...good, events: 9 },
      { ...good, bytes: new Uint8Array(64) },
      good,
    ];
    const { files, losses } = await encode(events, { signatures });
    expect(losses).toEqual({ signature: 3 });
    expect((await verifyT2r(source(files.bytes))).signatures).toMatchObject([{ events: 2, valid: true }]);
  });

  it("is damaged where a signature does not hold, its frame's checksum being right", async () => {
    const signer = newSigner();
    const file = await bytesOf(outputs(3), { signer });
    for (const at of [0, 8, 40, 72, 135]) {
      const changed = concatBytes(
        pieces(file).map((piece) =>
          piece[12] === FrameType.signature
            ? rebuilt(piece, (payload) => {
                payload[at] = (payload[at] ?? 0) ^ 1;
              })
            : piece,
        ),
      );
      const { state, problems, signatures } = await verifyT2r(source(changed));
      expect([at, state, problems.length, signatures.map(({ valid }) => valid)]).toEqual([at, "damaged", 1, [false]]);
    }
    const [, , frame = new Uint8Array(0)] = pieces(file);
    const other = await bytesOf(outputs(3, 11), {});
    expect(await verifyT2r(source(withFrames(other, frame)))).toMatchObject({
      state: "damaged",
      problems: [{ reason: "a signature does not hold" }],
    });
  });

  it("is damaged where a signature is too short, covers what is not there, or stands behind more than it covers", async () => {
    const signer = newSigner();
    const file = await bytesOf(outputs(3), {});
    const beyond = signatureFrame(signEvents(signer, 4, chainOf(outputs(4))));
    const within = signatureFrame(signEvents(signer, 2, chainOf(outputs(2))));
    const short = buildFrame(FrameType.signature, new Uint8Array(135));
    const huge = buildFrame(FrameType.signature, new Uint8Array(136).fill(255));
    for (const [frame, reason] of [
      [beyond, "a signature covers events that are not there"],
      [within, "a signature stands behind events that it does not cover"],
      [short, "a signature is too short"],
      [huge, "a signature is too short"],
    ] as const) {
      const { state, problems } = await verifyT2r(source(withFrames(file, frame)));
      expect([state, problems.map((problem) => problem.reason)]).toEqual(["damaged", [reason]]);
    }
  });

  it("proves what stands before damage, and nothing behind it", async () => {
    const signer = newSigner();
    const events = outputs(30, 100_000);
    const signatures = [4, 29].map((count) =>
      signEvents(count === 4 ? signer : newSigner(), count, chainOf(events.slice(0, count))),
    );
    const file = await bytesOf(events, { signatures, signer: newSigner() });
    const all = pieces(file);
    const damaged = all.map((piece, at) =>
      at === 3 ? piece.map((byte, place) => (place === 150 ? byte ^ 1 : byte)) : piece,
    );
    const verdict = await verifyT2r(source(concatBytes(damaged)));
    expect(verdict.state).toBe("damaged");
    expect(verdict.problems.filter(({ reason }) => reason.includes("signature"))).toEqual([]);
    expect(verdict.signatures.map(({ events: count, valid }) => [count, valid])).toEqual([
      [4, true],
      [29, false],
      [30, false],
    ]);
  });

  it("is refused more signatures than a reader keeps", async () => {
    const signer = newSigner();
    const frame = signatureFrame(signEvents(signer, 1000, chainOf([])));
    const many = withFrames(await bytesOf(outputs(1), {}), ...Array<Uint8Array>(MAX_SIGNATURES + 1).fill(frame));
    const { problems, signatures } = await verifyT2r(source(many));
    expect(problems).toMatchObject([{ reason: "more signatures than a reader keeps" }]);
    expect(signatures).toHaveLength(MAX_SIGNATURES);
    const farthest = new FarthestSignatures();
    const signature = signEvents(signer, 1, chainOf([]));
    for (let at = 0; at <= MAX_SIGNATURES; at++) {
      const publicKey = Buffer.alloc(32);
      publicKey.writeUInt32LE(at);
      expect(farthest.add({ ...signature, publicKey })).toBe(at < MAX_SIGNATURES);
    }
  });

  it("names no key that it was not signed by", async () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
    const forged = { ...signEvents(newSigner(), 0, chainOf([])), publicKey: raw };
    const { signatures } = await verifyT2r(source(withFrames(await bytesOf([], {}), signatureFrame(forged))));
    expect(signatures).toMatchObject([{ key: fingerprint(raw), valid: false }]);
  });
});

describe("recording into a signed .t2r", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const start = (signer: Signer) => {
    const target = new MemoryTarget("live.t2r");
    const writer = t2r.createLiveWriter?.(target, { signer });
    void writer?.header(HEADER);
    const read = () => new MemorySource(target.bytes(), { name: "live.t2r", siblings: target.siblingBytes() });
    return { target, writer, read };
  };

  it("signs into the journal within a second after an event, also where nothing follows it", async () => {
    const signer = newSigner();
    const { target, writer, read } = start(signer);
    const events = outputs(5);
    void writer?.events(events.slice(0, 2));
    vi.advanceTimersByTime(999);
    void writer?.events(events.slice(2, 3));
    expect(await readSignatures(read())).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(await readSignatures(read())).toMatchObject([{ events: 3, chain: chainOf(events.slice(0, 3)) }]);
    void writer?.events(events.slice(3));
    // What comes behind a signature is read, and the other way round.
    const { events: kept } = await decodeFiles(t2r, {
      name: "live.t2r",
      bytes: target.bytes(),
      siblings: target.siblingBytes(),
    });
    expect(kept).toHaveLength(5);
    vi.advanceTimersByTime(60_000);
    const [signature] = await readSignatures(read());
    expect(signature).toMatchObject({ events: 5 });
    const journal = target.siblingBytes()["live.t2r-journal"]?.length;
    vi.advanceTimersByTime(60_000); // nothing new: nothing to sign
    expect(target.siblingBytes()["live.t2r-journal"]?.length).toBe(journal);
  });

  it("signs every block, in the same write", async () => {
    const { target, writer, read } = start(newSigner());
    for (const event of outputs(3, 200_000)) void writer?.events([event]);
    expect(target.log.filter(({ name }) => name === "live.t2r")).toHaveLength(2);
    expect(await readSignatures(read())).toMatchObject([{ events: 2 }]);
    expect((await verifyT2r(read())).signatures).toMatchObject([{ events: 2, valid: true }]);
    void writer?.end();
    expect(await verifyT2r(read())).toMatchObject({ state: "intact", signatures: [{ events: 3, valid: true }] });
    vi.advanceTimersByTime(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("signs into a journal that a power cut may need also what is in blocks already", async () => {
    const target = Object.assign(new MemoryTarget("live.t2r"), { sync: async () => {} });
    const writer = t2r.createLiveWriter?.(target, { signer: newSigner(), synced: true });
    void writer?.header(HEADER);
    for (const event of outputs(4, 200_000)) void writer?.events([event]);
    vi.advanceTimersByTime(1000);
    const [head = new Uint8Array(0)] = pieces(target.bytes());
    const torn = new MemorySource(head, { name: "live.t2r", siblings: target.siblingBytes() });
    expect(await readSignatures(torn)).toMatchObject([{ events: 4 }]);
  });

  it("tells the next who writes that a signature could not be written", () => {
    const timer = new SigningTimer(() => {
      throw new Error("the disk is full");
    });
    timer.start();
    vi.advanceTimersByTime(1000);
    expect(() => timer.start()).toThrow("the disk is full");
  });

  it("takes nothing in a journal for a signature that is not over the events before it", async () => {
    const journal = new MemoryTarget();
    const writer = new JournalWriter(journal);
    writer.begin(chainOf([]), 0);
    const good = signEvents(newSigner(), 0, chainOf([]));
    writer.signature(good);
    writer.signature(signEvents(newSigner(), 7, chainOf([])));
    const siblings = { "live.t2r-journal": journal.bytes() };
    const file = new MemorySource(new T2rEncoder().header(HEADER), { name: "live.t2r", siblings });
    expect(await readSignatures(file)).toEqual([good]);
  });
});
