// Collects the signatures of a .t2r, so that they can be written into another file of the same content.
import type { Signature, Source } from "../../src/core/index.js";
import { walkFrames } from "./frame-walker.js";
import { readJournal } from "./journal.js";
import { FarthestSignatures } from "./signature.js";

/**
 * Of each key the signature that covers most, those in the journal beside it included; up to the first damage. None was
 * checked: whoever writes them does. Reads the whole stream, and closes it.
 * @throws what the source throws.
 */
export async function readSignatures(source: Source): Promise<readonly Signature[]> {
  const found = new FarthestSignatures();
  let ended = false;
  for await (const piece of walkFrames(source.stream())) {
    if (piece.kind === "signature") found.add(piece.signature);
    ended = piece.kind === "end";
  }
  const journal = ended ? undefined : await readJournal(source);
  for (const signature of journal?.signatures ?? []) found.add(signature);
  return found.list();
}
