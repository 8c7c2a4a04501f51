// The terminal size that some recorders put in front of the output, as `CSI 8 ; rows ; cols t` (XTWINOPS).
import { MAX_CELLS } from "../../src/core/index.js";

const ESC = 0x1b;
/** ESC % G or ESC % @ (charset selection, which termrec writes first), then the size. */
const PATTERN = /^(\x1b%[G@])?\x1b\[8;([0-9]{1,5});([0-9]{1,5})t/;
const LONGEST = 3 + "\x1b[8;65535;65535t".length;

/** A size that the output begins with. */
export interface LeadingSize {
  readonly cols: number;
  readonly rows: number;
  /**
   * Bytes that say nothing else and are no output. 0 where a charset selection stands before the size: then the output
   * does not begin with the size, and is kept whole.
   */
  readonly length: number;
}

/** The size at the beginning of the first output frame; undefined where there is none, or an impossible one. */
export function findLeadingSize(data: Uint8Array): LeadingSize | undefined {
  if (data[0] !== ESC) return undefined;
  const match = PATTERN.exec(String.fromCharCode(...data.subarray(0, LONGEST)));
  if (match === null) return undefined;
  const rows = Number(match[2]);
  const cols = Number(match[3]);
  if (rows === 0 || cols === 0 || rows > MAX_CELLS || cols > MAX_CELLS) return undefined;
  return { cols, rows, length: match[1] === undefined ? match[0].length : 0 };
}
