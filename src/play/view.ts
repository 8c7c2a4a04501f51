// Where a player shows things.

/** Takes what a player shows, in order. */
export interface View {
  /**
   * Shows output; the promise resolves when more can be taken: that is what keeps a fast recording from running ahead of
   * a slow terminal. False: nobody is there to see it any more.
   */
  output(bytes: Uint8Array): Promise<boolean>;
  /** The recording's terminal has this size now. */
  resize(cols: number, rows: number): Promise<boolean>;
  /** The recording begins anew: what it left behind is undone. */
  restart(): Promise<boolean>;
}
