// Codes of the custom events that stand for records of a timing file without a kind of their own. Their data is the
// record's NAME and VALUE as one text, and the writer makes the record of it again.

/** A signal other than a change of size. */
export const SIGNAL_CODE = "script.S";

/** A header record between others. */
export const HEADER_CODE = "script.H";
