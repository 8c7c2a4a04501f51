// Reads what a pty holds right now, beside its stream. libuv hands over one read of at most 4 KB a turn of the event loop;
// reading on until nothing is left (16 reads at most, so that others get their turn) costs less than half as much CPU.
import { libC } from "./libc.js";

/** As much as the line discipline gives at once. */
export const READ_BYTES = 4096;
const READS_A_TURN = 16;
const SLAB_BYTES = READ_BYTES * READS_A_TURN;

/** Reads one descriptor, which must be in non-blocking mode. */
export class DirectReader {
  readonly #fd: number;
  #slab = Buffer.alloc(0);
  #used = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Hands over what is there, one call a read, as long as `wanted` says so. The bytes belong to the callee. */
  drain(wanted: () => boolean, deliver: (bytes: Uint8Array) => void): void {
    const libc = libC();
    if (libc === undefined) return;
    for (let reads = 0; reads < READS_A_TURN && wanted(); reads++) {
      if (this.#slab.length - this.#used < READ_BYTES) {
        this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
        this.#used = 0;
      }
      const room = this.#slab.subarray(this.#used, this.#used + READ_BYTES);
      const length = libc.read(this.#fd, room, READ_BYTES);
      if (length <= 0) return; // nothing for now, or the end: the stream finds that out by itself
      this.#used += length;
      deliver(room.subarray(0, length));
    }
  }
}
