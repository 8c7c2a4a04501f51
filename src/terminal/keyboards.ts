// The flags of the kitty keyboard protocol, which this version of the engine knows nothing of: one stack of them for each
// buffer. https://sw.kovidgoyal.net/kitty/keyboard-protocol/#progressive-enhancement
import type { EngineCore } from "./engine-internals.js";

/** The keyboard of one buffer. */
export interface KeyboardState {
  /** In force: the sum of 1 disambiguate, 2 event types, 4 alternate keys, 8 all as sequences, 16 associated text. */
  readonly flags: number;
  /** Pushed before, the oldest first. */
  readonly stack: readonly number[];
}

/** All flags there are. */
export const MAX_KEYBOARD_FLAGS = 31;
/** Flags that are kept when more are pushed; the oldest go. */
export const MAX_KEYBOARD_STACK = 16;
/** As a terminal begins. */
export const NO_KEYBOARD: KeyboardState = { flags: 0, stack: [] };

/** What a sequence with these parameters, 0 where they are not given, makes of a state. */
type Change = (state: KeyboardState, first: number, second: number) => KeyboardState;

/** Follows one engine. States are replaced, never changed. */
export class Keyboards {
  readonly #core: EngineCore;
  normal = NO_KEYBOARD;
  alternate = NO_KEYBOARD;

  constructor(core: EngineCore) {
    this.#core = core;
    const on = (prefix: string, change: Change): void => {
      core.registerCsiHandler({ prefix, final: "u" }, ({ params, length }) => {
        this.shown = change(this.shown, length > 0 ? (params[0] ?? 0) : 0, length > 1 ? (params[1] ?? 0) : 0);
        return true;
      });
    };
    on("=", ({ flags, stack }, value, mode) => ({ flags: changed(flags, value, mode || 1), stack }));
    on(">", ({ flags, stack }, value) => ({
      flags: value & MAX_KEYBOARD_FLAGS,
      stack: [...stack, flags].slice(-MAX_KEYBOARD_STACK),
    }));
    on("<", ({ stack }, count) => popped(stack, count || 1));
    core.registerEscHandler({ final: "c" }, () => {
      this.normal = NO_KEYBOARD;
      this.alternate = NO_KEYBOARD;
      return false; // a full reset is more than that
    });
  }

  /** Of the buffer that is shown. */
  get shown(): KeyboardState {
    const { active, alt } = this.#core._bufferService.buffers;
    return active === alt ? this.alternate : this.normal;
  }

  set shown(state: KeyboardState) {
    const { active, alt } = this.#core._bufferService.buffers;
    if (active === alt) this.alternate = state;
    else this.normal = state;
  }
}

/** Mode 1 sets all flags, 2 switches those on, 3 switches them off. */
function changed(flags: number, value: number, mode: number): number {
  const bits = value & MAX_KEYBOARD_FLAGS;
  if (mode === 1) return bits;
  if (mode === 2) return flags | bits;
  return mode === 3 ? flags & ~bits : flags;
}

/** Taking more than there is leaves none. */
function popped(stack: readonly number[], count: number): KeyboardState {
  const at = stack.length - count;
  return at < 0 ? NO_KEYBOARD : { flags: stack[at] ?? 0, stack: stack.slice(0, at) };
}

/** Sequences that bring a fresh keyboard into this state. */
export function dumpKeyboard({ flags, stack }: KeyboardState): string {
  const [first = 0, ...others] = [...stack, flags];
  return `${first === 0 ? "" : `\x1b[=${first}u`}${others.map((pushed) => `\x1b[>${pushed}u`).join("")}`;
}
