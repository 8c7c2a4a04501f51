// Variables of a shell's environment that are kept with its session: which may be, and how much of them.

/** Names that such variables can have. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
/** Variables of a session at most. */
export const MAX_VARIABLES = 64;
/** A longer value is not kept, bytes. */
export const MAX_VARIABLE_BYTES = 4096;
