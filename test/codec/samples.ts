// Compressed samples: small ones made once by the tools of their codecs, so that no tool is needed to read them.

/** What every sample holds. */
export const TEXT = "a recording, packed\n".repeat(50);

/** {@link TEXT} as `gzip -9`, `zstd -9`, `bzip2` and `xz` packed it. */
export const PACKED: Readonly<Record<"gzip" | "zstd" | "bzip2" | "xz", Buffer>> = {
  gzip: Buffer.from("H4sIAAAAAAACA0tUKEpNzi9KycxL11EoSEzOTk3hShwVGxUbFRtWYgBNOwYZ6AMAAA==", "base64"),
  zstd: Buffer.from("KLUv/QRg3QAAoGEgcmVjb3JkaW5nLCBwYWNrZWQKAQCiXzWZ3uHkDw==", "base64"),
  bzip2: Buffer.from(
    "QlpoOTFBWSZTWdRKB5MAAHzRgAAQQAQuqdAAIABqClUZAAFKoAMjZFhFlFwiyi9RYRckXxFhFlF4iwiyi0RZRfItEX4u5IpwoSGolA8m",
    "base64",
  ),
  xz: Buffer.from(
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4APnACBdADCICkaTyQd4cfoBN6VOsNl0yCT5cX6c/EmkwY0dwO8AAIAu2JUxjyh1AAE86AcAAACsp541scRn+wIAAAAABFla",
    "base64",
  ),
};

/** 45,899,235 zeros, one block, as `bzip2 -9` packed them. */
export const BZIP2_OF_46_MB = Buffer.from("QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXF3JFOFCQDgni3w==", "base64");
