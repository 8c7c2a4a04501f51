// What the recording of a resumed session begins with: the screen as it was, then a terminal on which a shell can begin a line, as after a
// program that was killed: what it had switched on is switched off, and what it showed stays.
import type { Batch, Event } from "../../core/index.js";
import { Screen } from "../../terminal/index.js";

/** The marker where a session goes on. */
export const RESUMED_LABEL = "resumed";

/** Ends what is open; the style, character sets, insertion, keypad and cursor keys, wrapping, margins, mouse, focus, paste, keyboard. */
const CALM =
  "\x18\x1b[0m\x0f\x1b(B\x1b)B\x1b[4l\x1b>\x1b[?1l\x1b[?6l\x1b[?7h\x1b[?25h\x1b[r" +
  "\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?2004l\x1b[?2026l\x1b[<99u\x1b[>4m";
/** Leaves the alternate buffer for what was behind it. */
const LEAVE_ALTERNATE = "\x1b[?1049l";

/** Events at time 0, for a terminal of a size. The screen stays the caller's and is as before. */
export function resumedBeginning(
  screen: Screen,
  { cols, rows }: { readonly cols: number; readonly rows: number },
): Batch {
  const dump = Buffer.concat([screen.reset(), screen.dump()]);
  const calm = calmBytes(screen, { cols, rows });
  const events: Event[] = [
    { kind: "output", time: 0, data: Uint8Array.from(dump) },
    { kind: "resize", time: 0, cols, rows },
    { kind: "marker", time: 0, label: RESUMED_LABEL },
    { kind: "output", time: 0, data: calm },
  ];
  const isOtherSize = screen.cols !== cols || screen.rows !== rows;
  return isOtherSize ? [{ kind: "resize", time: 0, cols: screen.cols, rows: screen.rows }, ...events] : events;
}

function calmBytes(screen: Screen, { cols, rows }: { readonly cols: number; readonly rows: number }): Uint8Array {
  const leave = screen.alternate ? `\x18${LEAVE_ALTERNATE}` : "";
  // Some of it takes the cursor home: it is put back where it is by then.
  const copy = Screen.fromState(screen.saveState());
  copy.resize(cols, rows);
  copy.feed(Buffer.from(leave));
  const { x, y } = copy.cursor;
  copy.dispose();
  const isBegun = x > 0;
  return Uint8Array.from(Buffer.from(`${leave}${CALM}\x1b[${y + 1};${x + 1}H${isBegun ? "\r\n" : ""}`));
}
