// The few styles of reports on a terminal.

/** Makes parts of a report stand out. */
export interface Style {
  readonly section: (text: string) => string;
  readonly title: (text: string) => string;
  readonly note: (text: string) => string;
  readonly bar: (text: string) => string;
}

/** Styles of the terminal's own palette, or none. */
export function styleFor(hasColour: boolean): Style {
  const styled = (code: string) => (text: string) => (hasColour && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text);
  return { section: styled("1;34"), title: styled("1"), note: styled("2"), bar: styled("36") };
}
