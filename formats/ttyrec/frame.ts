// The frame of ttyrec, little-endian, without any file header:
//   0  u32  seconds
//   4  u32  low 20 bits microseconds; upper 12 bits are bits 32-43 of the seconds (the y2038 dialect)
//   8  u32  length of the body
//  12  u8   channel, in ttyrec2 and ttyrec3 only (NetHack Learning Environment): 0 output, 1 input, 2 score
// Format: http://0xcc.net/ttyrec/ ; dialect: https://github.com/kilobyte/termrec ; channels: https://github.com/facebookresearch/nle

/** Bytes of a frame's header: without or with a channel. */
export type HeaderBytes = 12 | 13;

/** No recorder writes longer frames: a longer one is damage, and refused before memory is taken for it. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

/** The channel of bytes that the program wrote; the only one of frames without a channel byte. */
export const OUTPUT_CHANNEL = 0;
/** The channel of bytes that the user typed. */
export const INPUT_CHANNEL = 1;
/** The channel of the game's score: a little-endian 32-bit integer. */
export const SCORE_CHANNEL = 2;

/** Code of the custom event that holds a score, a JSON number. */
export const SCORE_CODE = "ttyrec.score";

const MICROS_MASK = 0xfffff;

/** The stamp of two words in microseconds: an exact integer up to the year 2255, beyond that the nearest double. */
export function stampMicros(word0: number, word1: number): number {
  return (word0 + (word1 >>> 20) * 2 ** 32) * 1e6 + (word1 & MICROS_MASK);
}

/** The second word of a stamp: microseconds with the high bits of the seconds. */
export function secondWord(seconds: number, micros: number): number {
  return seconds < 2 ** 32 ? micros : (micros | (Math.floor(seconds / 2 ** 32) << 20)) >>> 0;
}

/** The largest seconds a stamp can hold: 44 bits. */
export const MAX_STAMP_SECONDS = 2 ** 44 - 1;
