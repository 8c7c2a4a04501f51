// Commands of shells that mark nothing, as well as they can be told from what was typed and echoed. Two things give a prompt away:
// shells ask for bracketed paste while they read a line (bash since 5.1, zsh, fish), and a line ends like a prompt when somebody
// begins to type, where the recording holds input. A prompt that nothing of this is true of is not found.
import { TypedLine } from "../terminal/index.js";
import type { CommandLog, OutputPiece } from "./command-log.js";
import { markStart } from "./end-of-line-mark.js";
import { newCommand, type OpenCommand } from "./shell-level.js";

/** A row that is longer, sequences included, holds no prompt. */
const MAX_ROW_BYTES = 8192;
/** A line that goes on is not followed further, UTF-16 units. */
const MAX_LINE_UNITS = 65_536;
/** A prompt is drawn without such pauses, nanoseconds. */
const PAUSE = 30_000_000;
const NOTHING = new Uint8Array(0);
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CTRL_C = 0x03;

const SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[()*+][ -~]|[ -~])/g;
const BLANKS = "        \r";
/** What may follow them: the first cell is cleared. */
const CLEARED = [" \r", "\xe2\x8f\x8e \r"];
const PROMPT_END = /[$#%>\u276f\u279c\u03bb\u00bb\u203a] ?$/;
/** A prompt and the line behind it. */
const PROMPT_AND_LINE = /^[^\n]*?[$#%>\u276f\u279c\u03bb\u00bb\u203a] (\S[\s\S]*)$/;
/** A prompt that no line of a command begins like. */
const REDRAWN = /^[^\n]*?[\u276f\u279c\u03bb\u00bb\u203a] +(?=\S)/;
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
  /** Of the commands that are found from now on. */
  depth = 0;
  #state: State = "output";
  /** The row so far on which output ends, and where it began in all the output. */
  #row: Uint8Array = NOTHING;
  #rowStart = 0;
  /** When the prompt on it began, as far as can be told. */
  #rowTime = 0;
  #isRowMarked = false;
  #isRowTooLong = false;
  /** Ctrl-C was typed at the prompt. */
  #isAborted = false;
  #running: OpenCommand | undefined;
  /** A command that printed nothing until the next prompt, at that time: it may be one of a continued line. */
  #silent: { readonly command: OpenCommand; readonly time: number } | undefined;
  /** The prompt of the last command's first line: some programs always ask so. */
  #firstPrompt = "";
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
    if (this.#state === "prompt") this.#prompt(piece);
    const end = this.#state === "accepted" ? data.indexOf(LINE_FEED) + 1 : 0;
    this.#typed.feed(end === 0 ? data : data.subarray(0, end));
    if (end === 0) return data.length;
    this.#read(piece.time);
    this.#rowStart = piece.startByte + end;
    this.#rowTime = piece.time;
    this.#follow({ ...piece, data: data.subarray(end), startByte: piece.startByte + end });
    return end;
  }

  /** The event whose output was told is over. */
  eventEnd(): void {
    if (this.#state === "prompt" && PROMPT_END.test(visible(this.#row))) this.#markPrompt("typing");
  }

  /** A shell begins or ends to read a line; `at`: where it says so in all the output, bytes. */
  bracketedPaste(on: boolean, at: number, time: number): void {
    this.#knowsPaste = true;
    if (!on) {
      if (this.#state === "output") return;
      // Prompt and echo came at once.
      if (this.#state === "prompt") this.#typed.mark({ atStart: true });
      this.#read(time, this.#state === "prompt");
      this.#rowStart = at;
      this.#rowTime = time;
      this.#isRowMarked = false;
      this.#isRowTooLong = false;
      this.#isAfterPaste = true;
      return;
    }
    this.#isAfterPaste = false;
    const own = ownOutput(this.#row);
    const row = this.#row.subarray(own?.upToMark ?? 0);
    // zsh draws the prompt first, from the left edge; bash and fish ask first.
    const shown = visible(row);
    this.#isDrawnFirst = shown.trim() !== "" && (shown.startsWith("\r") || PROMPT_END.test(shown));
    if (own === undefined && !this.#isDrawnFirst) this.#end(at, time);
    else this.#end(this.#rowStart + (own?.bytes ?? 0), this.#rowTime);
    this.#typed.begin();
    this.#typed.feed(row);
    this.#row = NOTHING;
    this.#rowTime = time;
    this.#state = "prompt";
    if (this.#isDrawnFirst) this.#markPrompt("typing");
  }

  /** Keys were typed. */
  input(data: Uint8Array): void {
    if (this.#state === "prompt" && visible(this.#row).trim() !== "") this.#markPrompt("typing");
    else if (this.#state === "output" && !this.#knowsPaste && PROMPT_END.test(visible(this.#row))) {
      this.#end(this.#rowStart, this.#rowTime);
      this.#typed.begin();
      this.#typed.feed(this.#row);
      this.#markPrompt("typingByInput");
    }
    if (this.#state === "output") return;
    this.#isAborted ||= data.includes(CTRL_C);
    if (this.#state === "typingByInput" && (data.includes(CARRIAGE_RETURN) || this.#isAborted))
      this.#state = "accepted";
  }

  /** Marks begin to tell more: what runs is not followed any more. `isSame`: what just began is what they tell of now. */
  stop(time: number, { isSame = false } = {}): void {
    if (isSame && this.#running !== undefined && this.#running.output === undefined) {
      this.#log.forget(this.#running);
      this.#running = undefined;
    }
    this.#end(undefined, time);
    this.#endSilent();
    this.#state = "output";
    this.#row = NOTHING;
    this.#knowsPaste = false;
  }

  /** Frees what it holds. */
  dispose(): void {
    this.#typed.dispose();
  }

  /** Output while a prompt is drawn: its first pause ends it, where its look does not tell. */
  #prompt({ data, time }: OutputPiece): void {
    if (time - this.#rowTime > PAUSE && visible(this.#row).trim() !== "") this.#markPrompt("typing");
    else if (this.#row.length + data.length <= MAX_ROW_BYTES) this.#row = Buffer.concat([this.#row, data]);
    this.#rowTime = time;
  }

  #outputOf(piece: OutputPiece): number {
    const { data, startByte } = piece;
    let own = 0;
    if (this.#isAfterPaste && data.length > 0) {
      this.#isAfterPaste = false;
      while (data[own] === CARRIAGE_RETURN) own++;
      // zsh and fish end the line only now.
      if (this.#isDrawnFirst && data[own] === LINE_FEED) own++;
      else own = Math.min(own, 1);
      this.#rowStart = startByte + own;
    }
    this.#follow({ ...piece, data: data.subarray(own), startByte: startByte + own });
    return own;
  }

  /** Keeps the row on which output ends. */
  #follow({ data: bytes, startByte, time }: OutputPiece): void {
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const end = data.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      this.#row = NOTHING;
      this.#rowStart = startByte + end;
      this.#isRowMarked = false;
      this.#isRowTooLong = false;
    }
    if (end === data.length || this.#isRowTooLong) return;
    if (!this.#isRowMarked) this.#rowTime = time;
    this.#isRowMarked ||= data.includes(BLANKS, end);
    this.#isRowTooLong = this.#row.length + data.length - end > MAX_ROW_BYTES;
    if (this.#isRowTooLong) this.#row = NOTHING;
    else this.#row = Buffer.concat([this.#row, data.subarray(end)]);
  }

  #markPrompt(state: State): void {
    this.#typed.mark();
    this.#state = state;
  }

  /** A line was read: a command begins, or goes on. */
  #read(time: number, isWithPrompt = false): void {
    const text = this.#typed.text() ?? "";
    const prompt = this.#typed.promptText;
    const isAborted = this.#isAborted;
    this.#isAborted = false;
    this.#typed.end();
    this.#state = "output";
    this.#row = NOTHING;
    const line = isWithPrompt ? PROMPT_AND_LINE.exec(text)?.[1] : withoutPrompts(text, prompt);
    this.#begin(isAborted ? undefined : line, prompt, time);
  }

  #begin(line: string | undefined, prompt: string, time: number): void {
    const silent = this.#silent?.command;
    if (silent !== undefined && line !== undefined && CONTINUATION.test(prompt) && prompt !== this.#firstPrompt) {
      if ((silent.line?.length ?? 0) < MAX_LINE_UNITS) silent.line += `\n${line}`;
      this.#silent = undefined;
      this.#running = silent;
      return;
    }
    this.#endSilent();
    if (line === undefined || line.trim() === "" || line.endsWith("^C") || this.#log.isFull) return;
    this.#firstPrompt = prompt;
    this.#running = newCommand({ line, cwd: undefined, start: time, source: "inferred", depth: this.depth });
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

/** What stands behind the last prompt, where the shell drew it again on another row: behind ctrl-C, or a list of candidates. */
function withoutPrompts(text: string, prompt: string): string {
  const rows = text.split("\n");
  for (let at = rows.length - 1; at > 0; at--) {
    const row = rows[at] ?? "";
    const isAgain = prompt.trim().length > 1 && row.startsWith(prompt);
    const rest = isAgain ? row.slice(prompt.length) : row.replace(REDRAWN, "");
    if (rest !== row) return [rest, ...rows.slice(at + 1)].join("\n");
  }
  return text;
}

/**
 * Bytes of a command's output in a row that a prompt stands on, and all up to the prompt, where the shell marked them: in front of
 * what zsh (PROMPT_EOL_MARK) and fish write there to come to a new row.
 */
function ownOutput(row: Uint8Array): { readonly bytes: number; readonly upToMark: number } | undefined {
  const text = Buffer.from(row.buffer, row.byteOffset, row.length).toString("latin1");
  const at = text.indexOf(BLANKS);
  if (at < 0) return undefined;
  const end = at + BLANKS.length;
  const more = CLEARED.find((clear) => text.startsWith(clear, end))?.length ?? 0;
  return { bytes: markStart(text, end - 1, { isOnRow: true }), upToMark: end + more };
}

/** A row without what is no text; the carriage returns stay. */
function visible(row: Uint8Array): string {
  if (row.length === 0) return "";
  return Buffer.from(row).toString("utf8").replace(SEQUENCES, "");
}
