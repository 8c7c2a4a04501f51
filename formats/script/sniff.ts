// Whether a file is a typescript, or the timing file of one (which the decoder then refuses with a hint). The words of the
// first line are translated; what stands in its brackets is not.
import { stripCodecSuffix } from "../../src/codec/index.js";
import { baseName } from "./find-files.js";
import { beginsAsTiming } from "./timing-record.js";
import { MAX_FIRST_LINE_BYTES } from "./typescript-line.js";

const BRACKET = / \[(<[^<>]*>|(COMMAND|TERM|TTY|COLUMNS)=".*[">])\]\r?$/s;

/** Whether input that begins so is part of a script recording. */
export function sniffScript(head: Uint8Array, name: string): boolean {
  const newline = head.subarray(0, MAX_FIRST_LINE_BYTES).indexOf(10);
  const line = Buffer.from(head.subarray(0, newline < 0 ? 256 : newline)).toString();
  if (line.startsWith("Script started on ")) return true;
  if (newline > 0 && BRACKET.test(line)) return true;
  if (/^(.*\.)?typescript$/i.test(baseName(stripCodecSuffix(name)))) return head.length > 0;
  return beginsAsTiming(head) && beginsAsTiming(head.subarray(newline + 1));
}
