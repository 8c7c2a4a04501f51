// Choosing a session from a list that takes the user's terminal for as long.
import { FrameLoop, KeyReader, SystemClock, type TerminalInput } from "../../play/terminal-parts.js";
import type { UserTty } from "../../pty/index.js";
import type { SessionInfo } from "../../session/index.js";
import { type ColorDepth, Screen } from "../../terminal/index.js";
import { AttachPicture } from "./attach-picture.js";
import { listItems } from "./list-items.js";
import { SessionList } from "./session-list.js";
import { TerminalLoan } from "./terminal-loan.js";

/** What is chosen from, and where. */
export interface ChooseOptions {
  readonly sessions: readonly SessionInfo[];
  /** Id of the session that is seen already. */
  readonly current: string | undefined;
  /** Taken over. */
  readonly tty: UserTty;
  readonly depth: ColorDepth;
}

/** An escape is the escape key when nothing has followed for so long. */
const ESCAPE_MS = 20;

/** The id of the session that was chosen; undefined where the user wants none, or the terminal went away. */
export async function chooseSession({ sessions, current, tty, depth }: ChooseOptions): Promise<string | undefined> {
  const list = new SessionList(listItems(sessions, current));
  const loan = new TerminalLoan();
  const picture = new AttachPicture({ depth, size: tty.size() });
  const screen = new Screen({ cols: 2, rows: 1 });
  const draw = () => {
    const page = list.draw(picture.size.cols, picture.size.rows);
    return picture.draw({ screen, page, status: undefined, before: "" });
  };
  const loop = new FrameLoop({ clock: new SystemClock(), draw, write: (bytes) => tty.write(bytes) });
  try {
    return await new Promise<string | undefined>((resolve) => {
      const reader = new KeyReader();
      let waiting: NodeJS.Timeout | undefined;
      const take = (inputs: readonly TerminalInput[]) => {
        for (const input of inputs) {
          const result = input.kind === "mouse" ? "nothing" : list.take(input);
          if (result === "left") resolve(undefined);
          else if (result === "chosen") resolve(list.chosen?.id);
        }
        loop.request();
      };
      tty.onInput((bytes) => {
        clearTimeout(waiting);
        take(reader.read(bytes));
        if (reader.waits) waiting = setTimeout(() => take(reader.flush()), ESCAPE_MS);
      });
      tty.onResize((size) => {
        picture.resize(size);
        loop.request();
      });
      tty.onHangup(() => resolve(undefined));
      tty.start();
      void tty.write(loan.enter());
      loop.request();
    });
  } finally {
    loop.close();
    void tty.write(loan.leave());
    await tty.close();
  }
}
