// Lets control sequences (CSI) through as the allow-list says: parameters bounded, forbidden ones taken out, changes noted.
import type { ByteWriter } from "./byte-writer.js";
import { ANSI_MODES, type CsiRule, csiKey, findCsiRule, PRIVATE_MODES } from "./output-rules.js";
import type { TerminalUndo } from "./terminal-undo.js";

/** Numbers of more digits become {@link MAX_NUMBER}: no terminal is larger, and no terminal's own parser may overflow. */
const MAX_DIGITS = 4;
const MAX_NUMBER = "9999";
/** Repetitions of REP at most: the only sequence whose cost grows with its number. */
const MAX_REPEAT = 1000;

const COLON = 0x3a;
const SEMICOLON = 0x3b;
/** {@link findPlainFinal} leaves longer sequences to the thorough way. */
const MAX_PLAIN_BYTES = 64;

/** Finals of sequences without prefix and intermediate that pass as they are: 1 for all, 2 for SGR, which alone has colons. */
const PLAIN_FINALS = new Uint8Array(128);
for (let final = 0x40; final < 0x7f; final++) {
  const rule = findCsiRule(csiKey(0, 0, final));
  PLAIN_FINALS[final] = rule === "plain" ? 1 : rule === "style" ? 2 : 0;
}

/**
 * The final byte of the control sequence at `start` if it passes as it is; undefined where it takes {@link filterCsi} to tell.
 * Nine of ten sequences are such: for them alone this way is there.
 */
export function findPlainFinal(bytes: Uint8Array, start: number): number | undefined {
  if (bytes[start + 1] !== 0x5b) return undefined;
  const limit = Math.min(bytes.length, start + MAX_PLAIN_BYTES);
  let digits = 0;
  let hasColon = false;
  for (let at = start + 2; at < limit; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x30 && byte < COLON) {
      if (++digits > MAX_DIGITS) return undefined;
    } else if (byte === SEMICOLON) digits = 0;
    else if (byte === COLON) {
      digits = 0;
      hasColon = true;
    } else return (PLAIN_FINALS[byte] ?? 0) > (hasColon ? 1 : 0) ? at : undefined;
  }
  return undefined;
}

/** The parts of a control sequence; 0 for no prefix and no intermediate. `start` and `end` bound the parameters. */
interface Parts {
  readonly prefix: number;
  readonly intermediate: number;
  readonly start: number;
  readonly end: number;
  readonly hasColon: boolean;
  readonly hasLongNumber: boolean;
}

/** Writes what is allowed of the control sequence CSI `body` `final`. `body` holds bytes 0x20-0x3f only. */
export function filterCsi(body: Uint8Array, final: number, out: ByteWriter, undo: TerminalUndo): void {
  const parts = splitBody(body);
  if (parts === undefined) return;
  const rule = findCsiRule(csiKey(parts.prefix, parts.intermediate, final));
  if (rule === undefined || (parts.hasColon && rule !== "style")) return;
  if (rule === "style") undo.note("style");
  if ((rule === "style" || rule === "plain") && !parts.hasLongNumber) {
    writeStart(parts, out);
    out.copy(body, parts.start, parts.end);
  } else {
    const parameters = boundNumbers(String.fromCharCode(...body.subarray(parts.start, parts.end)));
    const kept = keepParameters({ rule, parameters, final: String.fromCharCode(final), undo });
    if (kept === undefined) return;
    writeStart(parts, out);
    out.text(kept);
  }
  if (parts.intermediate !== 0) out.byte(parts.intermediate);
  out.byte(final);
}

/** Undefined where the body is not prefix, parameters, intermediate in this order, at most one of the first and the last. */
function splitBody(body: Uint8Array): Parts | undefined {
  const first = body[0] ?? 0;
  const prefix = first > 0x3b ? first : 0;
  const last = body[body.length - 1] ?? 0;
  const intermediate = last > 0 && last < 0x30 ? last : 0;
  const start = prefix === 0 ? 0 : 1;
  const end = intermediate === 0 ? body.length : body.length - 1;
  let hasColon = false;
  let hasLongNumber = false;
  let digits = 0;
  for (let at = start; at < end; at++) {
    const byte = body[at] ?? 0;
    if (byte < 0x30 || byte > 0x3b) return undefined;
    if (byte < COLON) hasLongNumber ||= ++digits > MAX_DIGITS;
    else {
      digits = 0;
      hasColon ||= byte === COLON;
    }
  }
  return { prefix, intermediate, start, end, hasColon, hasLongNumber };
}

function writeStart(parts: Parts, out: ByteWriter): void {
  out.byte(0x1b);
  out.byte(0x5b);
  if (parts.prefix !== 0) out.byte(parts.prefix);
}

function boundNumbers(parameters: string): string {
  if (parameters.length <= MAX_DIGITS) return parameters;
  return parameters.replace(/[0-9]{5,}/g, (digits) => {
    const significant = digits.replace(/^0+(?=.)/, "");
    return significant.length > MAX_DIGITS ? MAX_NUMBER : significant;
  });
}

interface Sequence {
  readonly rule: CsiRule;
  readonly parameters: string;
  readonly final: string;
  readonly undo: TerminalUndo;
}

/** The parameters that may pass, with what they change noted; undefined where nothing may. */
function keepParameters(sequence: Sequence): string | undefined {
  const { rule, parameters, undo } = sequence;
  const isSingle = !parameters.includes(";");
  switch (rule) {
    case "plain":
    case "style":
      return parameters;
    case "single":
      return isSingle ? parameters : undefined;
    case "repeat":
      return String(Math.min(Number.parseInt(parameters, 10) || 1, MAX_REPEAT));
    case "erase":
      return isSingle && Number(parameters) < 3 ? parameters : undefined;
    case "margins":
      undo.noteMargins();
      return parameters;
    case "tabs":
      undo.note("tabs");
      return parameters;
    case "cursorStyle":
      undo.note("cursorStyle");
      return Number(parameters) <= 6 ? parameters : undefined;
    case "protect":
      undo.note("protect");
      return parameters;
    case "softReset":
      // DEC's own terminals leave autowrap off after it.
      undo.notePrivateMode(7, false);
      return "";
    case "ansiMode":
      return keepModes(sequence, ANSI_MODES, (mode, on) => undo.noteAnsiMode(mode, on));
    case "privateMode":
      return keepModes(sequence, PRIVATE_MODES, (mode, on) => undo.notePrivateMode(mode, on));
  }
}

function keepModes(
  { parameters, final }: Sequence,
  allowed: ReadonlyMap<number, boolean>,
  note: (mode: number, on: boolean) => void,
): string | undefined {
  const isOn = final === "h";
  let kept = "";
  for (const text of parameters.split(";")) {
    const mode = Number(text);
    if (!allowed.has(mode)) continue;
    note(mode, isOn);
    kept += kept === "" ? String(mode) : `;${mode}`;
  }
  return kept === "" ? undefined : kept;
}
