// A client that is attached, and what it was given.

/** Whoever opens it lets it be until the session or the client ends. */
export class Attached {
  #chunks = [];
  #screens = [];
  #onText;
  #attachment;

  constructor(attachment, onText) {
    this.#attachment = attachment;
    this.#onText = onText;
    this.ended = this.#follow(attachment);
  }

  /** `onText`: told what is shown as it comes. */
  static async open(client, id, { cols = 80, rows = 24, onText = () => {} } = {}) {
    return new Attached(await client.attach(id, { cols, rows }), onText);
  }

  /** All output since the last screen. */
  get output() {
    return Buffer.concat(this.#chunks);
  }

  send(text) {
    this.#attachment.send(Buffer.from(text));
  }

  /** Milliseconds (`performance.now()`) when the next screen comes. */
  nextScreen() {
    return new Promise((resolve) => this.#screens.push(resolve));
  }

  async #follow({ messages }) {
    for await (const message of messages) {
      if (message.type === "screen") {
        this.#chunks = [];
        for (const resolve of this.#screens.splice(0)) resolve(performance.now());
        this.#onText(Buffer.from(message.dump).toString("latin1"));
      } else if (message.type === "output") {
        this.#chunks.push(message.data);
        this.#onText(Buffer.from(message.data).toString("latin1"));
      }
    }
  }
}
