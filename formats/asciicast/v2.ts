// asciicast v2: NDJSON, absolute seconds. Spec: https://docs.asciinema.org/manual/asciicast/v2/
import type { Format } from "../../src/core/index.js";
import { decodeLines } from "./decoder.js";
import { createLineEncoder } from "./encoder.js";
import { LINE_SUPPORTS } from "./line-supports.js";
import { changeMarkerLines } from "./marker-lines.js";
import { asciicastVersion } from "./sniff.js";

/** asciicast v2. */
export const asciicastV2: Format = {
  name: "asciicast-v2",
  title: "asciinema recording, version 2",
  extensions: [".cast"],
  supports: LINE_SUPPORTS,
  sniff: (head) => asciicastVersion(head) === 2,
  decode: (source, options) => decodeLines(2, source, options),
  createEncoder: (options, append) => createLineEncoder(2, options, append),
  changeMarkers: (source, change) => changeMarkerLines(2, source, change),
};
