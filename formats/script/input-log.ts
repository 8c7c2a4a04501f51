// The file that holds what was typed: one of its own, with a first line to drop, or the typescript itself (--log-io).
import type { Source } from "../../src/core/index.js";
import { ByteReader } from "../byte-reader.js";
import { baseName, findInputLog, plainStream } from "./find-files.js";
import { MAX_FIRST_LINE_BYTES } from "./typescript-line.js";

/** The input log of one decoding. */
export class InputLog {
  #reader: ByteReader | undefined;
  #isForgotten = false;
  readonly #source: Source | undefined;

  private constructor(reader: ByteReader | undefined, source?: Source) {
    this.#reader = reader;
    this.#source = source;
  }

  /** Opens the log that the timing file's header records state. */
  static async open(
    typescript: Source,
    typescriptReader: ByteReader,
    stated: ReadonlyMap<string, string>,
  ): Promise<InputLog> {
    const name = stated.get("INPUT_LOG");
    const isShared =
      name !== undefined && (name === stated.get("OUTPUT_LOG") || baseName(name) === baseName(typescript.name));
    if (isShared) return new InputLog(typescriptReader);
    const source = await findInputLog(typescript, name);
    if (source === undefined) return new InputLog(undefined);
    const reader = new ByteReader(plainStream(source));
    await reader.readLine(MAX_FIRST_LINE_BYTES);
    return new InputLog(reader, source);
  }

  /** Undefined where there is no such file, or it is at its end. */
  get reader(): ByteReader | undefined {
    return this.#reader;
  }

  /** That there is nothing to read is known and has been said. */
  get isForgotten(): boolean {
    return this.#isForgotten;
  }

  /** Reads no more of it. */
  async forget(): Promise<void> {
    this.#isForgotten = true;
    await this.close();
  }

  /** Closes the file, where it is one of its own. Idempotent. */
  async close(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    if (this.#source === undefined) return;
    await reader?.close();
    await this.#source.close();
  }
}
