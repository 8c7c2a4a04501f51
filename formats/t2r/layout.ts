// The numbers of the .t2r format. docs/formats/t2r.md is the specification; names here are its names.

/** Skippable frames of this magic carry everything but the output: any of zstd's sixteen would do. */
export const SKIPPABLE_MAGIC = 0x184d2a54;
/** The magic of a zstd frame with content. */
export const ZSTD_MAGIC = 0xfd2fb528;
/** Stands in each skippable frame behind its size: `t2r`. */
export const SIGNATURE = Uint8Array.of(0x74, 0x32, 0x72);
/** The major version of the format; a reader refuses a newer one. */
export const MAJOR_VERSION = 1;
/** The layout of each known type's payload; a reader refuses a newer one of a type it knows. */
export const LAYOUT_VERSION = 1;

/** What a skippable frame holds. Readers skip types they do not know. */
export const FrameType = {
  header: 1,
  block: 2,
  index: 3,
  end: 4,
  keyframe: 5,
  signature: 6,
  section: 7,
  generation: 8,
} as const;

/** How a payload is stored. */
export const Encoding = { plain: 0, zstd: 1 } as const;

/** Bytes of a skippable frame before its payload: magic, size, signature, version, type, layout, encoding, zero. */
export const FRAME_HEAD_BYTES = 16;
/** Bytes after the payload: the beginning of the SHA-256 of all bytes before them. */
export const CHECKSUM_BYTES = 8;
/** SHA-256, in bytes. */
export const DIGEST_BYTES = 32;
/** The fixed fields that begin a block's payload, in bytes. */
export const BLOCK_FIELDS_BYTES = 88;
/** The END frame, whole, in bytes: it is found by its distance from the end of the file. */
export const END_FRAME_BYTES = FRAME_HEAD_BYTES + 20 + CHECKSUM_BYTES;

/** A block is closed when it holds so much output, in bytes. */
export const BLOCK_OUTPUT_BYTES = 1 << 20;
/** ... or so much of everything else, in bytes. */
export const BLOCK_OTHER_BYTES = 1 << 20;
/** ... or so many events. */
export const BLOCK_EVENTS = 65_536;

/** Blocks whose events a journal holds too, at most; a reader has to know the places behind twice as many. */
export const JOURNAL_BLOCKS = 64;

/** The largest event that can be written, in bytes of data. */
export const MAX_EVENT_BYTES = 64 * 1024 * 1024;
/** What a reader takes at most: one largest event in a block that is full otherwise, in bytes. */
export const MAX_BLOCK_BYTES = MAX_EVENT_BYTES + 4 * 1024 * 1024;
/** Bytes of a whole skippable frame that a reader takes into memory; larger ones are damage. */
export const MAX_FRAME_BYTES = MAX_BLOCK_BYTES + 1024 * 1024;
