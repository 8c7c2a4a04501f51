// A command that was run in a recorded shell.

/** One command. Times are nanoseconds since the recording's start. Texts come from the recording: show none of them raw. */
export interface Command {
  /** What was run, several lines where several were typed; undefined where nothing tells. */
  readonly line: string | undefined;
  /** The folder it was run in; undefined where the shell did not say. */
  readonly cwd: string | undefined;
  /** Who ran it and where, as a shell or a context (sudo, ssh, a container) said; undefined: as the recording's header has it. */
  readonly user: string | undefined;
  readonly host: string | undefined;
  /** When its output began: the line was typed by then. */
  readonly start: number;
  /**
   * Behind so many events of the recording the screen shows its line and nothing that it printed, as near to that as events allow;
   * undefined in histories.
   */
  readonly startEvents: number | undefined;
  /** Undefined: it had not ended when the recording did. */
  readonly duration: number | undefined;
  /** Undefined: still running, or its end was not told. */
  readonly exitStatus: number | undefined;
  /** Name of the signal that an exit status above 128 stands for. */
  readonly signal: string | undefined;
  /** Bytes that reached the terminal while it ran, those of commands within it included. */
  readonly outputBytes: number;
  /** Line feeds among them. */
  readonly outputLines: number;
  /** Where they are; undefined where there are none. */
  readonly output: OutputSpan | undefined;
  /** Nanoseconds from its start. */
  readonly timeToFirstOutput: number | undefined;
  /** What told of it: marks of the shell, what was typed and echoed, or a history file. */
  readonly source: "marks" | "inferred" | "history";
  /** Whether the recorder knew that the shell itself wrote the marks, and not any program in it. */
  readonly trusted: boolean;
  /** Shells between the recorded one and the one it was run in: 0 for most. */
  readonly depth: number;
}

/** A stretch of output. */
export interface OutputSpan {
  /** Numbers, from 0, of the first and the last event of the recording that hold some of it. */
  readonly firstEvent: number;
  readonly lastEvent: number;
  /** Bytes of output since the recording's start, `endByte` excluded. Marks between the two belong to no output. */
  readonly startByte: number;
  readonly endByte: number;
}
