// The commands of a recording under the user's hands: jumping from one to another, and the list of them.
import type { CommandList, ListedCommand } from "../command-list.js";
import { firstBehind, whereabouts } from "../command-list.js";
import type { Player } from "../player.js";
import type { Key, MouseInput } from "../terminal-input.js";
import { type CommandJump, CommandJumps, MISSES, NO_LIST } from "./command-jumps.js";
import { CommandView, type ViewResult, WHEEL_ROWS } from "./command-view.js";
import type { Prompting } from "./prompting.js";

/** What the browser needs. */
export interface CommandBrowserOptions {
  readonly player: Player;
  readonly list: CommandList | undefined;
  readonly prompting: Prompting;
  /** Safe to print; empty where nothing is to be said. */
  readonly onNote: (note: string) => void;
  /** There is something else to show. */
  readonly onChange: () => void;
}

/** Obeys what is done with commands. */
export class CommandBrowser {
  /** Undefined where the player was given no list. */
  readonly view: CommandView | undefined;
  readonly #options: CommandBrowserOptions;
  readonly #jumps: CommandJumps;
  readonly #forget: () => void;

  constructor(options: CommandBrowserOptions) {
    const { player, list, onChange } = options;
    this.#options = options;
    this.#jumps = new CommandJumps(options);
    this.view = list && new CommandView(list, () => whereabouts(player), onChange);
    const forget = list?.onChange(() => {
      this.view?.update();
      onChange();
    });
    this.#forget = () => forget?.();
  }

  /** The commands that are known so far. */
  get commands(): readonly ListedCommand[] {
    return this.#options.list?.commands ?? [];
  }

  /** The last one that has begun where the player is. */
  get current(): ListedCommand | undefined {
    const { commands } = this;
    return commands[firstBehind(commands, whereabouts(this.#options.player)) - 1];
  }

  /** Shows the list. */
  open(): void {
    if (this.view === undefined) this.#options.onNote(NO_LIST);
    else this.view.open();
  }

  jump(which: CommandJump): void {
    this.#jumps.jump(which);
  }

  /** Jumps that wait for commands to be found are not made. */
  cancel(): void {
    this.#jumps.cancel();
  }

  /** Takes what is done while the list is open. False: it is not for the list. */
  take(input: Key | MouseInput): boolean {
    const { view } = this;
    if (view === undefined || !view.isOpen) return false;
    return this.#obey(view, input.kind === "key" ? view.take(input) : takeMouse(view, input));
  }

  /** Nothing is told any more. */
  close(): void {
    this.cancel();
    this.#forget();
  }

  #obey(view: CommandView, result: ViewResult): boolean {
    const { prompting, onNote } = this.#options;
    if (result === "passed") return false;
    if (result === "filter") prompting.openFilter(view);
    if (result === "missed") onNote(MISSES.nextFailed);
    if (result !== "go" && result !== "left") return true;
    const { selected } = view;
    prompting.close();
    view.close();
    if (result === "go" && selected !== undefined) this.#jumps.goTo(selected);
    return true;
  }
}

/** A click goes to the command that it meets; below the list are others. */
function takeMouse(view: CommandView, { action, y }: MouseInput): ViewResult {
  if (action === "wheel-up") return view.move(-WHEEL_ROWS);
  if (action === "wheel-down") return view.move(WHEEL_ROWS);
  return action === "press" ? view.click(y) : "passed";
}
