// The face of src/codec: compression behind one interface, told by magic when reading and by suffix when writing.

export { type Codec, codecForSuffix, codecOf, stripCodecSuffix } from "./codecs.js";
export { compressedTarget } from "./compress.js";
export { crc32 } from "./crc32.js";
export { decompressed } from "./decompress.js";
export { ZSTD_STORED, zstdCompress, zstdDecompress, zstdDecompressInto } from "./zstd.js";
