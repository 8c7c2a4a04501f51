// One client of a live session: what it is told waits in bounds until it takes it. One that takes nothing costs nothing: what waits is
// dropped, and it gets the screen as it stands when it takes again.
import type { FilteredOutput } from "../../terminal/index.js";
import { ReplyFilter } from "../../terminal/index.js";
import type { SessionInfo } from "../session-info.js";
import type { AttachMessage, Attachment, AttachOptions, ClientInfo } from "../session-manager.js";

/** What may wait for a client, bytes. */
export const MAX_CLIENT_QUEUE = 1024 * 1024;
/** Messages count for so much beside their data. */
const MESSAGE_BYTES = 64;
/** Outputs that wait are given together, up to so many bytes. */
const MAX_JOINED_BYTES = 64 * 1024;
/** What may be the beginning of an answer of the client's terminal is a key, once nothing has followed for so long. Milliseconds. */
const REPLY_MS = 50;
const MAX_LABEL = 64;

/** What a client needs of its session. */
export interface ClientHost {
  /** The screen as it stands, and whether its end may become a question that is taken out of what follows. */
  screen(): { readonly message: AttachMessage; readonly isHolding: boolean };
  typed(client: AttachedClient, bytes: Uint8Array): void;
  resized(client: AttachedClient): void;
  left(client: AttachedClient): void;
}

/** An attached client. */
export class AttachedClient implements Attachment {
  readonly clientId: string;
  readonly label: string;
  readonly isReadOnly: boolean;
  readonly attachedAt: string;
  readonly messages: AsyncIterable<AttachMessage>;
  /** Cells of its terminal. */
  size: { readonly cols: number; readonly rows: number };
  /** Rises with each client that attaches, types or takes another size. */
  lastActive = 0;
  #hasKeyboard = true;
  readonly #host: ClientHost;
  readonly #replies = new ReplyFilter();
  #replyTimer: NodeJS.Timeout | undefined;
  #queue: AttachMessage[] = [];
  #queuedBytes = 0;
  #session: SessionInfo | undefined;
  #end: AttachMessage | undefined;
  /** The screen is to come before all else; nothing is queued meanwhile. */
  #needsScreen = true;
  /** Not before this, so that a terminal that takes the client's size is shown in that size. */
  #isHeldBack = true;
  /** It was shown what the filter of questions keeps back. */
  #isResumed = false;
  #isOver = false;
  #wake: (() => void) | undefined;

  constructor(clientId: string, { cols, rows, isReadOnly, label }: AttachOptions, now: number, host: ClientHost) {
    this.clientId = clientId;
    this.label = (label ?? "client").slice(0, MAX_LABEL);
    this.size = { cols, rows };
    this.isReadOnly = isReadOnly === true;
    this.attachedAt = new Date(now).toISOString();
    this.#host = host;
    let isTaken = false;
    this.messages = {
      [Symbol.asyncIterator]: () => {
        if (isTaken) throw new TypeError("the messages of an attachment are gone through once");
        isTaken = true;
        return this.#each();
      },
    };
  }

  get hasKeyboard(): boolean {
    return this.#hasKeyboard && !this.isReadOnly;
  }

  set hasKeyboard(hasKeyboard: boolean) {
    this.#hasKeyboard = hasKeyboard;
  }

  get info(): ClientInfo {
    const { clientId, label, isReadOnly, hasKeyboard, attachedAt } = this;
    return { clientId, label, ...this.size, isReadOnly, hasKeyboard, attachedAt };
  }

  /** For the audit log. */
  get who(): string {
    return `${this.label} ${this.clientId}`;
  }

  send(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const typed = this.#replies.take(bytes);
    clearTimeout(this.#replyTimer);
    if (this.#replies.isHolding) this.#replyTimer = setTimeout(() => this.#type(this.#replies.flush()), REPLY_MS);
    this.#type(typed);
  }

  resize({ cols, rows }: { readonly cols: number; readonly rows: number }): void {
    if (this.#isOver) return;
    this.size = { cols, rows };
    this.#host.resized(this);
  }

  async detach(): Promise<void> {
    this.end({ type: "detached", reason: "the client detached" });
  }

  /** The first screen may come. Idempotent. */
  release(): void {
    this.#isHeldBack = false;
    this.#wakeUp();
  }

  /** What was shown is void. */
  refresh(): void {
    this.#drop();
    this.#wakeUp();
  }

  output({ shown, resumed, isResolved }: FilteredOutput): void {
    const data = this.#isResumed ? resumed : shown;
    if (isResolved) this.#isResumed = false;
    if (data.length > 0) this.#push({ type: "output", data }, data.length);
  }

  resized(cols: number, rows: number): void {
    this.#push({ type: "resize", cols, rows }, 0);
  }

  told(session: SessionInfo): void {
    this.#session = session;
    this.#wakeUp();
  }

  /** Nothing follows. Idempotent. */
  end(message: AttachMessage): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#replyTimer);
    this.#end = message;
    this.#isHeldBack = false;
    this.#host.left(this);
    this.#wakeUp();
  }

  #type(bytes: Uint8Array): void {
    if (bytes.length > 0 && this.hasKeyboard && !this.#isOver) this.#host.typed(this, bytes);
  }

  #push(message: AttachMessage, bytes: number): void {
    if (this.#needsScreen || this.#isOver) return;
    this.#queue.push(message);
    this.#queuedBytes += bytes + MESSAGE_BYTES;
    if (this.#queuedBytes > MAX_CLIENT_QUEUE) this.#drop();
    this.#wakeUp();
  }

  #drop(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#needsScreen = true;
    this.#isResumed = false;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  async *#each(): AsyncGenerator<AttachMessage, void> {
    try {
      for (;;) {
        const message = this.#next();
        if (message === undefined) await new Promise<void>((resolve) => (this.#wake = resolve));
        else {
          yield message;
          if (message.type === "exit" || message.type === "detached") return;
        }
      }
    } finally {
      this.end({ type: "detached", reason: "the client went" });
    }
  }

  #next(): AttachMessage | undefined {
    if (this.#isHeldBack) return undefined;
    if (this.#needsScreen && this.#end?.type !== "detached") {
      this.#needsScreen = false;
      const { message, isHolding } = this.#host.screen();
      this.#isResumed = isHolding;
      return message;
    }
    const message = this.#joined() ?? this.#told() ?? this.#end;
    return message;
  }

  #told(): AttachMessage | undefined {
    const session = this.#session;
    this.#session = undefined;
    return session && { type: "session", session, hasKeyboard: this.hasKeyboard };
  }

  #joined(): AttachMessage | undefined {
    const first = this.#queue.shift();
    if (first === undefined) return undefined;
    this.#queuedBytes -= MESSAGE_BYTES;
    if (first.type !== "output") return first;
    const pieces = [first.data];
    let bytes = first.data.length;
    for (let next = this.#queue[0]; next?.type === "output" && bytes < MAX_JOINED_BYTES; next = this.#queue[0]) {
      pieces.push(next.data);
      bytes += next.data.length;
      this.#queuedBytes -= MESSAGE_BYTES;
      this.#queue.shift();
    }
    this.#queuedBytes -= bytes;
    return { type: "output", data: pieces.length === 1 ? first.data : Buffer.concat(pieces) };
  }
}
