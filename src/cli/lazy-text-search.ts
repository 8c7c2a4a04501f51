// Text search for a player: the recording is read for it when something is searched for the first time.
import type { FindOptions, TextHit, TextPattern, TextSearch } from "../play/index.js";
import type { CommandContext } from "./context.js";
import type { InputOptions } from "./input.js";
import { type OpenedTextSearch, openTextSearch, type TextSearchOptions } from "./text-search.js";

/** Opens a text search at its first use. */
export class LazyTextSearch implements TextSearch {
  readonly #open: () => Promise<OpenedTextSearch>;
  #opened: Promise<OpenedTextSearch> | undefined;

  /** As `openTextSearch`. */
  constructor(file: string, input: InputOptions, context: CommandContext, options: TextSearchOptions) {
    this.#open = () => openTextSearch(file, input, context, options);
  }

  async find(pattern: TextPattern, options: FindOptions): Promise<TextHit | undefined> {
    this.#opened ??= this.#open();
    return await (await this.#opened).search.find(pattern, options);
  }

  /** Ends what it does, waiting until a complete index is kept. */
  async close(): Promise<void> {
    await (await this.#opened?.catch(() => undefined))?.close();
  }
}
