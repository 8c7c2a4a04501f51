// zsh's history: `: start:elapsed;line` or the line alone, metafied, line feeds behind a backslash.
import { secondsOf } from "./bash.js";
import { byteLines, LineJoin } from "./byte-lines.js";
import { type HistoryEntry, SECOND, type TextHistory } from "./entry.js";

/** Says that the byte behind it stands for another one: itself ^ 0x20. */
const META = 0x83;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
/** What stands before an entry: seconds since 1970, seconds it took. */
const EXTENDED = /^: *([0-9]{1,11}):([0-9]{1,9});/;
/** Bytes that {@link EXTENDED} is looked for in. */
const HEAD_BYTES = 40;

/** ~/.zsh_history, with and without EXTENDED_HISTORY. */
export const zshHistory: TextHistory = {
  name: "zsh",
  read: async function* (source, { onCut }) {
    const lines = new LineJoin(onCut);
    for await (const line of byteLines(source, onCut)) {
      if (line.at(-1) === BACKSLASH) {
        lines.add(line.subarray(0, -1));
        continue;
      }
      lines.add(withoutGuard(line));
      yield* entryOf(lines.take());
    }
    if (!lines.isEmpty) yield* entryOf(lines.take());
  },
  createEncoder:
    () =>
    ({ line, time, duration }) => {
      const text = line.replace(/\n+$/, "");
      if (text === "") return new Uint8Array(0);
      const elapsed = Math.max(0, Math.floor((duration ?? 0) / Number(SECOND)));
      const head = `: ${time === undefined ? 0n : secondsOf(time)}:${elapsed};`;
      const body = text.replaceAll("\n", "\\\n");
      // A backslash at the end would join the next entry; zsh takes one space behind it away again.
      const guard = /\\ *$/.test(body) ? " " : "";
      return Buffer.concat([Buffer.from(head), metafied(Buffer.from(body)), Buffer.from(`${guard}\n`)]);
    },
};

function withoutGuard(line: Buffer): Buffer {
  let end = line.length - 1;
  while (end >= 0 && line[end] === SPACE) end--;
  return end >= 0 && end < line.length - 1 && line[end] === BACKSLASH ? line.subarray(0, -1) : line;
}

function* entryOf(bytes: Buffer): Generator<HistoryEntry> {
  const [head, start, elapsed] = EXTENDED.exec(bytes.subarray(0, HEAD_BYTES).toString("latin1")) ?? [];
  // Without a time, a line that begins with a colon has a backslash before it.
  const isEscaped = head === undefined && bytes[0] === BACKSLASH && bytes[1] === 0x3a;
  const line = unmetafied(bytes.subarray(head?.length ?? (isEscaped ? 1 : 0))).toString("utf8");
  if (line.trim() === "") return;
  const seconds = BigInt(start ?? 0);
  yield {
    line,
    time: seconds === 0n ? undefined : seconds * SECOND,
    // 0 is also what stands there where nobody waited for the command's end.
    duration: Number(elapsed ?? 0) === 0 ? undefined : Number(elapsed) * Number(SECOND),
  };
}

/** The bytes that metafied ones stand for. */
export function unmetafied(bytes: Buffer): Buffer {
  if (!bytes.includes(META)) return bytes;
  const plain = Buffer.alloc(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    plain[length++] = byte === META && at + 1 < bytes.length ? (bytes[++at] ?? 0) ^ 0x20 : byte;
  }
  return plain.subarray(0, length);
}

/** NUL and the bytes that zsh uses as tokens. */
function metafied(bytes: Buffer): Buffer {
  const meta = Buffer.alloc(bytes.length * 2);
  let length = 0;
  for (const byte of bytes) {
    const isToken = byte === 0 || (byte >= META && byte <= 0xa2);
    if (isToken) meta[length++] = META;
    meta[length++] = isToken ? byte ^ 0x20 : byte;
  }
  return meta.subarray(0, length);
}
