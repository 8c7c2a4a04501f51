// The list of formats: adding one is a file, a line here, a fixture and a docs page. Order is the order of sniffing.
import { extname } from "node:path";
import { stripCodecSuffix } from "../src/codec/index.js";
import { type Format, UsageError } from "../src/core/index.js";
import { asciicastV1 } from "./asciicast/v1.js";
import { asciicastV2 } from "./asciicast/v2.js";
import { asciicastV3 } from "./asciicast/v3.js";
import { json } from "./json/index.js";
import { raw } from "./raw.js";
import { script } from "./script/index.js";
import { t2r } from "./t2r/index.js";
import { ttyrec, ttyrec2, ttyrec3 } from "./ttyrec/index.js";
import { txt } from "./txt.js";

/** Every format t2a knows. */
export const FORMATS: readonly Format[] = [
  t2r,
  json,
  asciicastV3,
  asciicastV2,
  asciicastV1,
  ttyrec,
  ttyrec2,
  ttyrec3,
  script,
  raw,
  txt,
];

/** The format written where nothing says otherwise. */
export const DEFAULT_FORMAT: Format = asciicastV3;

/**
 * The format of that name.
 * @throws UsageError `T2A_UNKNOWN_FORMAT` with the names that exist.
 */
export function getFormat(name: string): Format {
  const format = FORMATS.find((candidate) => candidate.name === name);
  if (format !== undefined) return format;
  const names = FORMATS.map((candidate) => candidate.name).join(", ");
  throw new UsageError(`unknown format "${name}": t2a knows ${names}`, { code: "T2A_UNKNOWN_FORMAT" });
}

/** The format that a file's extension asks for when written (`.cast` is asciicast v3); a codec's suffix does not count. */
export function findFormatByExtension(name: string): Format | undefined {
  const extension = extname(stripCodecSuffix(name)).toLowerCase();
  return FORMATS.find((format) => format.extensions.includes(extension));
}
