// The codecs t2a knows, by the first bytes of their streams and by the suffix they give a name.

/** A compression method. */
export interface Codec {
  readonly name: "gzip" | "zstd" | "bzip2" | "xz";
  readonly suffix: string;
  readonly magic: readonly number[];
  /** t2a writes it too. */
  readonly writes: boolean;
}

const CODECS: readonly Codec[] = [
  { name: "gzip", suffix: ".gz", magic: [0x1f, 0x8b], writes: true },
  { name: "zstd", suffix: ".zst", magic: [0x28, 0xb5, 0x2f, 0xfd], writes: true },
  { name: "bzip2", suffix: ".bz2", magic: [0x42, 0x5a, 0x68], writes: false },
  { name: "xz", suffix: ".xz", magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], writes: false },
];

/** The codec whose stream begins so; undefined where the bytes are not compressed. */
export function codecOf(head: Uint8Array): Codec | undefined {
  return CODECS.find(({ magic }) => head.length >= magic.length && magic.every((byte, index) => head[index] === byte));
}

/** The codec that a file name's suffix asks for. */
export function codecForSuffix(name: string): Codec | undefined {
  const lower = name.toLowerCase();
  return CODECS.find(({ suffix }) => lower.endsWith(suffix));
}

/** The name without the suffix of a codec: its extension then tells the format. */
export function stripCodecSuffix(name: string): string {
  const codec = codecForSuffix(name);
  return codec === undefined ? name : name.slice(0, -codec.suffix.length);
}
