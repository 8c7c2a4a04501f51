// The quick face of src/library: what is kept, listed and found. What reads recordings is behind the other one, index.ts, and is loaded
// from here where it is needed.
export {
  type FoundRecording,
  Library,
  type LibraryOptions,
  type ListedSession,
  type ResolveOptions,
  type TendOptions,
  TRASH_DAYS,
} from "./library.js";
export { draftSession, type SessionWishes } from "./session-draft.js";
export {
  type HeldSpoolEntry,
  Spool,
  type SpoolChange,
  type SpoolEntry,
  type SpoolNote,
  type SpoolPurpose,
} from "./spool.js";
