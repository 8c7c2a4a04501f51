// How many there are, in words: one of a thing has another word than several.

/** `1 session`, `2 sessions`; `many` where it is more than an s behind. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
