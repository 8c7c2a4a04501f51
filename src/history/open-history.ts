// Opening a history of unknown kind: told by its content, and by its name only where content does not tell.
import { isUtf8 } from "node:buffer";
import { basename } from "node:path";
import { FormatError, type Source, UsageError, wrapSource } from "../core/index.js";
import { bashHistory } from "./bash.js";
import { openDatabase, SQLITE_MAGIC } from "./database.js";
import type { HistoryEntry, HistoryName, HistoryReadOptions, TextHistory } from "./entry.js";
import { fishHistory } from "./fish.js";
import { NUSHELL_NEWLINE, nushellHistory } from "./nushell.js";
import { unmetafied, zshHistory } from "./zsh.js";

/** The histories that are text. */
export const TEXT_HISTORIES: readonly TextHistory[] = [bashHistory, zshHistory, fishHistory, nushellHistory];

/** A history that is read once. Whoever opened it closes it. */
export interface OpenHistory {
  readonly name: HistoryName;
  readonly entries: AsyncIterable<HistoryEntry>;
  /** Idempotent; closes the source. */
  close(): Promise<void>;
}

/** Bytes that are looked at. */
const HEAD_BYTES = 64 * 1024;

/**
 * Opens a shell's history. `shell` says whose it is where that is known. Closing it closes the source; so does a failure to open.
 * @throws FormatError `T2A_UNKNOWN_FORMAT` where it is none, `T2A_FORMAT_DAMAGED`; UsageError where a database is no file.
 */
export async function openHistory(
  source: Source,
  { shell, ...options }: HistoryReadOptions & { readonly shell?: HistoryName | undefined } = {},
): Promise<OpenHistory> {
  try {
    const { head, whole } = await lookAt(source);
    if (Buffer.compare(head.subarray(0, SQLITE_MAGIC.length), SQLITE_MAGIC) === 0) {
      return await openAsDatabase(source, shell, options);
    }
    const kind = textKind(head, source.name, shell);
    return { name: kind.name, entries: kind.read(whole, options), close: () => source.close() };
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function openAsDatabase(
  source: Source,
  shell: HistoryName | undefined,
  options: HistoryReadOptions,
): Promise<OpenHistory> {
  if (!source.supports.ranges || !source.supports.siblings) {
    throw new UsageError(`${source.name} is a database, which must be a file: give its name`);
  }
  const database = await openDatabase(source.name, options);
  if (shell !== undefined && shell !== database.name) {
    database.close();
    throw unknownHistory(source.name, `it is of ${database.name}, not of ${shell}`);
  }
  return {
    name: database.name,
    entries: turns(database.entries()),
    async close() {
      database.close();
      await source.close();
    },
  };
}

async function* turns(entries: Iterable<HistoryEntry>): AsyncGenerator<HistoryEntry> {
  yield* entries;
}

function textKind(head: Buffer, name: string, shell: HistoryName | undefined): TextHistory {
  // zsh writes NUL in another way, the others cannot hold it.
  if (head.includes(0)) throw unknownHistory(name, "it is no text");
  const found = shell ?? shellOf(head, name);
  const kind = TEXT_HISTORIES.find((candidate) => candidate.name === found);
  if (kind === undefined) throw unknownHistory(name, `${found} keeps a database, and it is none`);
  return kind;
}

/** In the order of how sure they are. */
function shellOf(head: Buffer, name: string): HistoryName {
  const text = head.toString("latin1");
  if (/^- cmd: /.test(text.trimStart())) return "fish";
  const first = /^(?:(: *[0-9]+:[0-9]+;)|#[0-9]+$)/m.exec(text);
  if (first?.[1] !== undefined || isMetafied(head) || /zsh|zhist|histfile$/i.test(basename(name))) return "zsh";
  if (first !== null) return "bash";
  return text.includes(NUSHELL_NEWLINE) || basename(name) === "history.txt" ? "nushell" : "bash";
}

/** What zsh escapes is no UTF-8 before that is undone. */
function isMetafied(head: Buffer): boolean {
  const lines = head.subarray(0, head.lastIndexOf(0x0a) + 1);
  return !isUtf8(lines) && isUtf8(unmetafied(lines));
}

function unknownHistory(name: string, reason: string): FormatError {
  return new FormatError("T2A_UNKNOWN_FORMAT", `${name} is not a history t2a knows: ${reason}`, { offset: 0 });
}

/** The first bytes, and the source as if nobody had looked. */
async function lookAt(source: Source): Promise<{ readonly head: Buffer; readonly whole: Source }> {
  const iterator = source.stream()[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isDone = false;
  while (size < HEAD_BYTES && !isDone) {
    const next = await iterator.next();
    isDone = next.done === true;
    if (next.done) break;
    chunks.push(next.value);
    size += next.value.length;
  }
  const rest: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => iterator };
  const whole = wrapSource(source, {
    async *stream() {
      yield* chunks.splice(0);
      if (!isDone) yield* rest;
    },
  });
  return { head: Buffer.concat(chunks).subarray(0, HEAD_BYTES), whole };
}
