// A user before an attached session: a terminal in memory whose screen can be looked at, sessions in memory that print and are typed into,
// a clock to move.
import { setImmediate as nextTurn } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { type AttachEnd, AttachUi, type AttachUiOptions } from "../../../src/cli/attach/attach-ui.js";
import { ManualClock } from "../../../src/play/terminal-parts.js";
import type { AttachMessage, Attachment, AttachOptions, JsonValue, SessionInfo } from "../../../src/session/index.js";
import { Screen } from "../../../src/terminal/index.js";
import { MemoryTty } from "../../play/memory-tty.js";
import { testSession } from "../../support/sessions.js";

/** A session in memory, and what its clients do. */
export class MemorySession {
  readonly info: SessionInfo;
  readonly screen: Screen;
  readonly attachments: MemoryAttachment[] = [];
  /** Rows that scrolled off. */
  scrolledOff: readonly string[] = [];
  /** Set: attaching fails with it. */
  failure: Error | undefined;

  constructor(name: string, { cols = 20, rows = 5 }: { readonly cols?: number; readonly rows?: number } = {}) {
    this.screen = new Screen({ cols, rows });
    const live = {
      pid: 1,
      holderPid: 2,
      cols,
      rows,
      recordingId: "r",
      isRecording: true,
      clients: 1,
      outputBytes: 0,
      warnings: [],
    };
    this.info = { ...testSession({ name, status: "active" }), live };
  }

  /** The client that attached last. */
  get client(): MemoryAttachment {
    const last = this.attachments.at(-1);
    if (last === undefined) throw new Error("nobody is attached");
    return last;
  }

  attach(options: AttachOptions): Attachment {
    if (this.failure !== undefined) throw this.failure;
    const attachment = new MemoryAttachment(`client-${this.attachments.length + 1}`, options);
    this.attachments.push(attachment);
    attachment.tell(this.screenMessage());
    return attachment;
  }

  /** The program prints. */
  print(text: string): void {
    const data = Buffer.from(text);
    this.screen.feed(data);
    for (const attachment of this.attachments) attachment.tell({ type: "output", data });
  }

  resize(cols: number, rows: number): void {
    this.screen.resize(cols, rows);
    for (const attachment of this.attachments) attachment.tell({ type: "resize", cols, rows });
  }

  screenMessage(): AttachMessage {
    const { cols, rows } = this.screen;
    return { type: "screen", cols, rows, dump: this.screen.dump() };
  }
}

/** One client's connection. */
export class MemoryAttachment implements Attachment {
  readonly clientId: string;
  readonly options: AttachOptions;
  /** What was typed, one a call. */
  readonly typed: string[] = [];
  readonly sizes: { readonly cols: number; readonly rows: number }[] = [];
  isDetached = false;
  readonly #queue: AttachMessage[] = [];
  #isOver = false;
  #wake = () => {};

  constructor(clientId: string, options: AttachOptions) {
    this.clientId = clientId;
    this.options = options;
  }

  readonly messages: AsyncIterable<AttachMessage> = { [Symbol.asyncIterator]: () => this.#take() };

  send(bytes: Uint8Array): void {
    this.typed.push(Buffer.from(bytes).toString("latin1"));
  }

  resize(size: { readonly cols: number; readonly rows: number }): void {
    this.sizes.push(size);
  }

  async detach(): Promise<void> {
    if (this.isDetached) return;
    this.isDetached = true;
    this.tell({ type: "detached", reason: "asked for" });
  }

  tell(message: AttachMessage): void {
    this.#queue.push(message);
    if (message.type === "exit" || message.type === "detached") this.#isOver = true;
    this.#wake();
  }

  async *#take(): AsyncGenerator<AttachMessage> {
    for (;;) {
      const message = this.#queue.shift();
      if (message !== undefined) yield message;
      else if (this.#isOver) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/** How the user is set up. */
export interface AttachWorldOptions extends Partial<Pick<AttachUiOptions, "isReadOnly" | "prefix">> {
  readonly size?: { readonly cols: number; readonly rows: number };
  readonly sessions?: readonly MemorySession[];
}

/** A user who is attached to the first of some sessions. */
export class AttachWorld {
  readonly clock = new ManualClock();
  readonly tty: MemoryTty;
  readonly sessions: readonly MemorySession[];
  /** Of sessions by id, values of state. */
  readonly state = new Map<string, JsonValue>();
  readonly ui: AttachUi;
  readonly ended: Promise<AttachEnd>;
  #screen: Screen;

  constructor({
    size = { cols: 20, rows: 5 },
    sessions = [new MemorySession("work")],
    ...ui
  }: AttachWorldOptions = {}) {
    this.tty = new MemoryTty(size);
    this.#screen = new Screen(size);
    this.tty.onWrite = (bytes) => void this.#screen.feed(bytes);
    this.sessions = sessions;
    this.ui = new AttachUi({
      depth: "truecolor",
      prefix: { byte: 0x1d, shown: "^]" },
      label: "test",
      ...ui,
      tty: this.tty,
      clock: this.clock,
      sessions: {
        getSession: async (reference) => this.#find(reference).info,
        listActive: async () => this.sessions.map(({ info }) => info),
        scrollback: async (reference) => {
          const { scrolledOff } = this.#find(reference);
          return { lines: scrolledOff, styled: scrolledOff.map((row) => `\x1b[31m${row}\x1b[0m`) };
        },
        attach: async (reference, options) => this.#find(reference).attach(options),
        getState: async (key, place) => (key === "t2a.switch" ? this.state.get(place?.session ?? "") : undefined),
      },
    });
    this.ended = this.ui.run(sessions[0]?.info.id ?? "", (end) => `[${end.kind}]`);
    this.ended.catch(() => {});
    onTestFinished(async () => {
      this.ui.detach();
      await this.ended.catch(() => {});
    });
  }

  static async open(options: AttachWorldOptions = {}): Promise<AttachWorld> {
    const world = new AttachWorld(options);
    await world.settle();
    return world;
  }

  get session(): MemorySession {
    const [first] = this.sessions;
    if (first === undefined) throw new Error("there is no session");
    return first;
  }

  /** The terminal as it looks. */
  get screen(): Screen {
    return this.#screen;
  }

  get rows(): readonly string[] {
    return this.#screen.text();
  }

  /** Lets everything happen that has not to be waited for. */
  async settle(ms = 40): Promise<void> {
    for (let turn = 0; turn < 40; turn++) await nextTurn();
    this.clock.advanceTo(this.clock.now() + ms * 1_000_000);
    for (let turn = 0; turn < 40; turn++) await nextTurn();
  }

  /** Types, and waits for what comes of it. */
  async type(...keys: readonly string[]): Promise<void> {
    for (const key of keys) this.tty.type(key);
    await this.settle();
  }

  async print(text: string): Promise<void> {
    this.session.print(text);
    await this.settle();
  }

  async resize(size: { readonly cols: number; readonly rows: number }): Promise<void> {
    this.#screen.resize(size.cols, size.rows);
    this.tty.resize(size);
    await this.settle();
  }

  #find(reference: string): MemorySession {
    const found = this.sessions.find(({ info }) => info.id === reference || info.name === reference);
    if (found === undefined) throw new Error(`no session ${reference}`);
    return found;
  }
}
