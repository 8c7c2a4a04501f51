// The prompts of the player: what is typed into them, and what becomes of it.
import { parsePosition } from "../../core/index.js";
import { visibleText } from "../../terminal/index.js";
import type { Player } from "../player.js";
import type { Key, Paste } from "../terminal-input.js";
import { parsePattern } from "../text-pattern.js";
import type { CommandView } from "./command-view.js";
import type { Finder } from "./finder.js";
import { Prompt, type PromptResult } from "./prompt.js";

/** At most one prompt at a time. */
export class Prompting {
  readonly #player: Player;
  readonly #finder: Finder;
  #open:
    | { readonly prompt: Prompt; follow(prompt: Prompt, result: PromptResult, input: Key | Paste): void }
    | undefined;

  constructor(player: Player, finder: Finder) {
    this.#player = player;
    this.#finder = finder;
  }

  /** The one that is open. */
  get prompt(): Prompt | undefined {
    return this.#open?.prompt;
  }

  /** Asks what to search, forward or backward: it is searched as it is typed. */
  openSearch(direction: 1 | -1): void {
    if (!this.#finder.begin(direction)) return;
    const follow = (prompt: Prompt, result: PromptResult) => this.#followSearch(prompt, result);
    this.#open = { prompt: new Prompt(direction === 1 ? "/" : "?"), follow };
  }

  /** Asks for a position in time. */
  openPosition(): void {
    const follow = (prompt: Prompt, result: PromptResult) => this.#followPosition(prompt, result);
    this.#open = { prompt: new Prompt("go to: "), follow };
  }

  /** Asks which commands to list: they are listed as it is typed. */
  openFilter(view: CommandView): void {
    const follow = (prompt: Prompt, result: PromptResult, input: Key | Paste) =>
      this.#followFilter(view, prompt, result, input);
    this.#open = { prompt: new Prompt("commands with: "), follow };
  }

  /** Takes what is typed into the open prompt. */
  take(input: Key | Paste): void {
    if (this.#open !== undefined) this.#open.follow(this.#open.prompt, this.#open.prompt.take(input), input);
  }

  /** Leaves the open prompt as if it had never been. */
  close(): void {
    this.#open = undefined;
  }

  #followFilter(view: CommandView, prompt: Prompt, result: PromptResult, input: Key | Paste): void {
    if (result === "typed") prompt.note = filterBy(view, prompt.text);
    if (result === "nothing" && input.kind === "key") view.take(input); // the arrows move the list meanwhile
    if (result === "left") view.filter(undefined);
    if (result === "left" || (result === "entered" && prompt.note === "")) this.#open = undefined;
  }

  #followSearch(prompt: Prompt, result: PromptResult): void {
    if (result === "typed") this.#finder.type(prompt.text);
    if (result === "entered" && this.#finder.isMistaken) return; // the prompt says what is wrong
    if (result === "entered" || result === "left") this.#open = undefined;
    if (result === "entered") this.#finder.enter();
    if (result === "left") this.#finder.leave();
  }

  #followPosition(prompt: Prompt, result: PromptResult): void {
    if (result === "left") this.#open = undefined;
    if (result !== "entered") return;
    try {
      const position = parsePosition(prompt.text);
      this.#open = undefined;
      void this.#player.seek("nanos" in position ? { time: position.nanos } : position);
    } catch (error) {
      prompt.note = visibleText(error instanceof Error ? error.message : String(error));
    }
  }
}

/** Gives what is wrong with the pattern, if anything. */
function filterBy(view: CommandView, text: string): string {
  try {
    view.filter(text === "" ? undefined : parsePattern(text));
    return "";
  } catch (error) {
    return visibleText(error instanceof Error ? error.message : String(error));
  }
}
