// A word as a shell takes it, for commands that are printed to be run.

/** As it is where no shell sees anything in it, else in single quotation marks. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
