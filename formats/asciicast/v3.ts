// asciicast v3: NDJSON, seconds since the event before. Spec: https://docs.asciinema.org/manual/asciicast/v3/
import type { Format } from "../../src/core/index.js";
import { decodeLines } from "./decoder.js";
import { createLineEncoder } from "./encoder.js";
import { LINE_SUPPORTS } from "./line-supports.js";
import { changeMarkerLines } from "./marker-lines.js";
import { asciicastVersion } from "./sniff.js";

/** asciicast v3. */
export const asciicastV3: Format = {
  name: "asciicast-v3",
  title: "asciinema recording, version 3",
  extensions: [".cast"],
  supports: LINE_SUPPORTS,
  sniff: (head) => asciicastVersion(head) === 3,
  decode: (source, options) => decodeLines(3, source, options),
  createEncoder: (options, append) => createLineEncoder(3, options, append),
  changeMarkers: (source, change) => changeMarkerLines(3, source, change),
};
