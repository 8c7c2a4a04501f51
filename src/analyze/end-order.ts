// Commands that are listed in the order in which they began, in the order in which they end.
import type { Command } from "./command.js";

/** Those within a shell before the one that started it. */
export function* inEndOrder<Item extends Pick<Command, "depth">>(commands: Iterable<Item>): Generator<Item> {
  const open: Item[] = [];
  for (const command of commands) {
    for (let last = open.at(-1); last !== undefined && last.depth >= command.depth; last = open.at(-1)) {
      open.pop();
      yield last;
    }
    open.push(command);
  }
  yield* open.reverse();
}
