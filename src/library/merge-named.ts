// Bringing documents of a store itself into another store: values that it lacks are added, whatever it has beside.
import type { NamedDocument, NamedValues, Store } from "../store/index.js";

/** How to bring them. */
export interface AddNamedOptions {
  /** Values of a newer document take the place of those that are there. */
  readonly isUpdating?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Adds the values of a document to that of its name. Gives how many are new or other than before. Errors are those of {@link Store}. */
export async function addNamed(
  store: Store,
  theirs: NamedDocument,
  { isUpdating = false, signal }: AddNamedOptions = {},
): Promise<number> {
  const ours = isUpdating ? await store.findNamed(theirs.name, { signal }) : undefined;
  const isNewer = ours !== undefined && Date.parse(theirs.savedAt) > Date.parse(ours.savedAt);
  let changes = 0;
  await store.updateNamed(
    theirs.name,
    (values) => {
      const added = differing(values, theirs.values).filter(([key]) => isNewer || !Object.hasOwn(values, key));
      changes = added.length;
      return added.length === 0 ? values : { ...values, ...Object.fromEntries(added) };
    },
    { signal },
  );
  return changes;
}

/** Those of `theirs` that `ours` lacks or has otherwise. */
export function differing(ours: NamedValues, theirs: NamedValues): readonly (readonly [string, unknown])[] {
  return Object.entries(theirs).filter(
    ([key, value]) => !Object.hasOwn(ours, key) || JSON.stringify(ours[key]) !== JSON.stringify(value),
  );
}
