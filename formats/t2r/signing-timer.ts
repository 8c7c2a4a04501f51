// When a recording in progress is signed: within a second after an event, also where nothing follows it.

/** Events are unsigned for so long at most, milliseconds. */
const SIGN_AFTER_MS = 1000;

/** Calls for a signature a second after the first event that has none. Does not keep the process alive. */
export class SigningTimer {
  readonly #sign: () => void;
  #timer: NodeJS.Timeout | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(sign: () => void) {
    this.#sign = sign;
  }

  /**
   * There are events without a signature.
   * @throws what an earlier signature could not be written for: nobody was there to be told.
   */
  start(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      try {
        this.#sign();
      } catch (error) {
        this.#failure = { error };
      }
    }, SIGN_AFTER_MS).unref();
  }

  /** All events are signed, or never will be. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
