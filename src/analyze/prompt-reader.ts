// Commands of shells that mark nothing, as well as they can be told from what was typed and echoed. Two things give a prompt away:
// shells ask for bracketed paste while they read a line (bash since 5.1, zsh, fish), and a line ends like a prompt when somebody
// begins to type, where the recording holds input. A prompt that nothing of this is true of is not found.
import { TypedLine } from "../terminal/index.js";
import type { CommandLog, OutputPiece } from "./command-log.js";
import { newCommand, type OpenCommand } from "./shell-level.js";

/** A row that is longer, sequences included, holds no prompt. */
const MAX_ROW_BYTES = 8192;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

const SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[()*+][ -~]|[ -~])/g;
const PROMPT_END = /[$#%>\u276f\u279c\u03bb\u00bb\u203a] ?$/;
/** A prompt and the line behind it. */
const PROMPT_AND_LINE = /^[^\n]*?[$#%>\u276f\u279c\u03bb\u00bb\u203a] (\S[\s\S]*)$/;
/** The prompt for the next line of a command: `> ` in bash, `for quote> ` in zsh. */
const CONTINUATION = /^(?:[a-z]+ )*[a-z]*> $/;

/**
 * `output`: something runs, or nobody knows; `prompt`: a line is being read, and its prompt is not all there; `typing`: a line is
 * typed, and bracketed paste tells when it was read, `typingByInput`: the enter key does; `accepted`: the enter key was pressed, and
 * its echo is to come.
 */
type State = "output" | "prompt" | "typing" | "typingByInput" | "accepted";

/** Follows the prompts of one recording. */
export class PromptReader {
  readonly #log: CommandLog;
  readonly #typed: TypedLine;
  #state: State = "output";
  /** The row so far on which output ends, and where it began in all the output. */
  #row = new Uint8Array(0);
  #rowStart = 0;
  /** Something of the prompt came in the event at hand. */
  #hasPrompt = false;
  #running: OpenCommand | undefined;
  /** A command that printed nothing until the next prompt, at that time: it may be one of a continued line. */
  #silent: { readonly command: OpenCommand; readonly time: number } | undefined;
  #knowsPaste = false;
  /** The prompt at hand was drawn before bracketed paste was asked for. */
  #isDrawnFirst = false;
  /** What the shell writes behind the end of bracketed paste is to come. */
  #isAfterPaste = false;

  constructor(log: CommandLog, cols: number) {
    this.#log = log;
    this.#typed = new TypedLine(cols);
  }

  /** The command that runs. */
  get running(): OpenCommand | undefined {
    return this.#running;
  }

  /** A line is being read: what comes is no command's output. */
  get isReading(): boolean {
    return this.#state !== "output";
  }

  resize(cols: number): void {
    this.#typed.resize(cols);
  }

  /** Output without marks, in order. Gives how many bytes in front are the shell's own, and no output of a command. */
  output(piece: OutputPiece): number {
    const { data } = piece;
    if (this.#state === "output") return this.#outputOf(piece);
    const end = this.#state === "accepted" ? data.indexOf(LINE_FEED) + 1 : 0;
    this.#typed.feed(end === 0 ? data : data.subarray(0, end));
    if (end === 0) {
      this.#hasPrompt ||= data.length > 0;
      return data.length;
    }
    this.#read(piece.time);
    this.#follow(data.subarray(end), piece.startByte + end);
    return end;
  }

  /** The event whose output was told is over. */
  eventEnd(): void {
    if (this.#state === "prompt" && this.#hasPrompt) this.#markPrompt("typing");
  }

  /** A shell begins or ends to read a line; `at`: where that stands in all the output, bytes. */
  bracketedPaste(on: boolean, at: number, time: number): void {
    this.#knowsPaste = true;
    if (!on) {
      if (this.#state === "prompt") this.#markPrompt("typing");
      if (this.#state !== "output") this.#read(time);
      this.#rowStart = at;
      this.#isAfterPaste = true;
      return;
    }
    this.#isAfterPaste = false;
    const row = this.#row;
    const shown = visible(row);
    // zsh and fish draw the prompt first, from the left edge; bash asks first.
    this.#isDrawnFirst = shown !== "" && (row[0] === CARRIAGE_RETURN || PROMPT_END.test(shown));
    this.#end(this.#isDrawnFirst ? this.#rowStart : at, time);
    this.#typed.begin();
    this.#typed.feed(row);
    this.#hasPrompt = false;
    this.#state = "prompt";
    if (this.#isDrawnFirst) this.#markPrompt("typing");
  }

  /** Keys were typed. */
  input(data: Uint8Array, time: number): void {
    if (this.#state === "prompt" && this.#hasPrompt) this.#markPrompt("typing");
    else if (this.#state === "output" && !this.#knowsPaste && PROMPT_END.test(visible(this.#row))) {
      this.#end(this.#rowStart, time);
      this.#typed.begin();
      this.#typed.feed(this.#row);
      this.#markPrompt("typingByInput");
    }
    if (this.#state === "typingByInput" && data.includes(CARRIAGE_RETURN)) this.#state = "accepted";
  }

  /** Marks begin to tell more: what runs is not followed any more. */
  stop(time: number): void {
    this.#end(undefined, time);
    this.#endSilent();
    this.#state = "output";
    this.#row = new Uint8Array(0);
  }

  /** Frees what it holds. */
  dispose(): void {
    this.#typed.dispose();
  }

  #outputOf({ data, startByte }: OutputPiece): number {
    let own = 0;
    if (this.#isAfterPaste && data.length > 0) {
      this.#isAfterPaste = false;
      while (data[own] === CARRIAGE_RETURN) own++;
      // zsh and fish end the line only now.
      if (this.#isDrawnFirst && data[own] === LINE_FEED) own++;
      else own = Math.min(own, 1);
    }
    this.#follow(data.subarray(own), startByte + own);
    return own;
  }

  /** Keeps the row on which output ends. */
  #follow(data: Uint8Array, start: number): void {
    const end = data.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      this.#row = new Uint8Array(0);
      this.#rowStart = start + end;
    }
    if (this.#row.length + data.length - end > MAX_ROW_BYTES) this.#row = new Uint8Array(0);
    else if (end < data.length) this.#row = Buffer.concat([this.#row, data.subarray(end)]);
  }

  #markPrompt(state: State): void {
    this.#typed.mark();
    this.#state = state;
  }

  /** A line was read: a command begins, or goes on. */
  #read(time: number): void {
    const text = this.#typed.text();
    const prompt = this.#typed.promptText;
    this.#typed.end();
    this.#state = "output";
    this.#row = new Uint8Array(0);
    // Where prompt and echo came at once, all of it stands in front.
    const line = text === "" ? PROMPT_AND_LINE.exec(prompt.trimEnd())?.[1] : text;
    const silent = this.#silent?.command;
    if (silent !== undefined && line !== undefined && CONTINUATION.test(prompt)) {
      silent.line += `\n${line}`;
      this.#silent = undefined;
      this.#running = silent;
      return;
    }
    this.#endSilent();
    if (line === undefined || line.trim() === "" || line.endsWith("^C") || this.#log.isFull) return;
    this.#running = newCommand({ line, cwd: undefined, start: time, source: "inferred" });
    this.#log.begin(this.#running);
  }

  /** The next prompt begins: what ran is over. Its output ended at that byte. */
  #end(endByte: number | undefined, time: number): void {
    const command = this.#running;
    this.#running = undefined;
    if (command === undefined) return;
    const surplus = (command.output?.endByte ?? 0) - (endByte ?? Number.POSITIVE_INFINITY);
    if (surplus > 0) this.#log.takeBack(command, Math.min(surplus, command.outputBytes));
    if (command.output === undefined) this.#silent = { command, time };
    else this.#log.end(command, undefined, time);
  }

  #endSilent(): void {
    if (this.#silent !== undefined) this.#log.end(this.#silent.command, undefined, this.#silent.time);
    this.#silent = undefined;
  }
}

function visible(row: Uint8Array): string {
  if (row.length === 0) return "";
  return Buffer.from(row).toString("utf8").replace(SEQUENCES, "").replace(/\r/g, "");
}
