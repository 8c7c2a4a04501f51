// ansi-parser ships no types; this is the part of it that t2a uses.
declare module "ansi-parser" {
  const ansiParser: {
    /** Takes away SGR sequences; anything from ESC [ to the next m counts as one. */
    removeAnsi(input: string): string;
  };
  export default ansiParser;
}
