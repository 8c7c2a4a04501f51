// Help as it is shown: paragraphs take the terminal's width, whatever width they were written in.

/** A line of a paragraph; tables, examples and lists are indented, headings stand before such lines. */
const PARAGRAPH = /^\S.*(?:\n\S.*)*$/gm;

/** Help text for a terminal of so many columns: paragraphs anew, indented lines as they are. */
export function fitHelp(text: string, cols: number): string {
  return text.replace(PARAGRAPH, (paragraph) => fold(paragraph.split(/\s+/), cols).join("\n"));
}

/** Words in lines; one that is too long has its own. */
function fold(words: readonly string[], cols: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    if (line !== "" && line.length + 1 + word.length > cols) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
