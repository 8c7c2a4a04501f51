// A command that was run in a recorded shell.

/** One command. Times are nanoseconds since the recording's start. Texts come from the recording: show none of them raw. */
export interface Command {
  /** What was run, several lines where several were typed; undefined where nothing tells. */
  readonly line: string | undefined;
  /** The folder it was run in; undefined where the shell did not say. */
  readonly cwd: string | undefined;
  /** When its output began: the line was typed by then. */
  readonly start: number;
  /** Undefined: it had not ended when the recording did. */
  readonly duration: number | undefined;
  /** Undefined: still running, or its end was not told. */
  readonly exitStatus: number | undefined;
  /** Name of the signal that an exit status above 128 stands for. */
  readonly signal: string | undefined;
  /** Bytes that reached the terminal while it ran, those of commands within it included. */
  readonly outputBytes: number;
  /** Numbers of the first and the last event of the recording with such bytes. */
  readonly output: { readonly firstEvent: number; readonly lastEvent: number } | undefined;
  /** Nanoseconds from its start. */
  readonly timeToFirstOutput: number | undefined;
  /** What told of it: marks of the shell. */
  readonly source: "marks";
  /** Whether the recorder knows that the shell itself wrote the marks, and not any program in it. Not known yet. */
  readonly trusted: false;
  /** Shells between the recorded one and the one it was run in: 0 for most. */
  readonly depth: number;
}
