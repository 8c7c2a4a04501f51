// A program that prints at a steady rate, and in the end what it printed, as a hash: args: bytes a second, seconds.
import { createHash, randomBytes } from "node:crypto";
import { writeSync } from "node:fs";

const [rate = 100_000, seconds = 60] = process.argv.slice(2).map(Number);
const STEP_MS = 50;
const hash = createHash("sha256");
const text = Buffer.from(randomBytes(48 * 1024).toString("base64"), "latin1");
let at = 0;
let left = Math.floor(rate * seconds);
process.stdin.once("data", () => {
  const began = performance.now();
  const timer = setInterval(() => {
    const due = Math.min(
      left,
      Math.ceil(((performance.now() - began) / 1000) * rate) - (Math.floor(rate * seconds) - left),
    );
    for (let rest = due; rest > 0; ) {
      const piece = text.subarray(at, at + rest);
      for (let written = 0; written < piece.length; ) written += writeSync(1, piece, written);
      hash.update(piece);
      at = (at + piece.length) % text.length;
      rest -= piece.length;
      left -= piece.length;
    }
    if (left > 0) return;
    clearInterval(timer);
    writeSync(1, `\n#${hash.digest("hex")}\n`);
    process.exit(0);
  }, STEP_MS);
});
