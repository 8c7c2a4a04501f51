// The keyboard as a controller: turns what is typed into a player's commands.
import { KeyReader } from "./key-reader.js";
import type { StreamCommand } from "./stream-state.js";

/** The keys, with what each of them commands: asciinema's, so that hands need not learn anew. */
export const PLAY_KEYS: ReadonlyMap<string, StreamCommand> = new Map([
  [" ", "toggle"],
  [".", "step"],
  ["]", "marker"],
  ["\x03", "stop"],
]);

/** Turns input into commands. One for each terminal: it keeps what a chunk cuts. */
export class Keyboard {
  readonly #reader = new KeyReader();
  readonly #command: (command: StreamCommand) => void;
  readonly #keys: ReadonlyMap<string, StreamCommand>;

  constructor(command: (command: StreamCommand) => void, keys: ReadonlyMap<string, StreamCommand> = PLAY_KEYS) {
    this.#command = command;
    this.#keys = keys;
  }

  /** Takes what the terminal sent. None of its keys begins a sequence: a chunk that ends in ESC is the escape key at once. */
  input(bytes: Uint8Array): void {
    for (const input of [...this.#reader.read(bytes), ...this.#reader.flush()]) {
      if (input.kind !== "key" || input.alt) continue;
      const command = this.#keys.get(input.ctrl && input.name === "c" ? "\x03" : (input.text ?? ""));
      if (command !== undefined) this.#command(command);
    }
  }
}
