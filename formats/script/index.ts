// The format of util-linux's script(1): a typescript of bytes and a timing file beside it. docs/formats.md says more.
import type { Format } from "../../src/core/index.js";
import { decodeScript } from "./decoder.js";
import { sniffScript } from "./sniff.js";
import { ScriptWriter } from "./writer.js";

/** script, classic and advanced. Not appendable: the trailer of the first part would stand inside the timed output. */
export const script: Format = {
  name: "script",
  title: "typescript with its timing file, of util-linux's script",
  extensions: [".typescript"],
  supports: {
    input: true,
    resize: true,
    marker: false,
    exit: true,
    custom: false,
    meta: false,
    bytes: true,
    timeStepNanos: 1000,
    crashSafe: true,
    append: false,
    follow: false,
  },
  sniff: sniffScript,
  decode: decodeScript,
  createWriter: (target, options) => new ScriptWriter(target, options),
};
