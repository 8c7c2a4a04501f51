// How documents are written: JSON to be read by people, with nothing in it that a terminal would act on.

/** One property a line, a line feed at the end. */
export function formatJson(value: object): string {
  return `${JSON.stringify(value, null, 2).replace(UNSAFE, escapeUnit)}\n`;
}

/** What JSON leaves as it is but terminals act on. Halves of surrogate pairs, which UTF-8 cannot hold, are escaped by JSON itself. */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
