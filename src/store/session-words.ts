// What is known of session documents without their schema: listing them must not wait for the schema's library to load.

/** The version of session documents that this t2a writes. Older ones are brought forward when they are read. */
export const SESSION_VERSION = 1;

/** What a session's life can be at. */
export const SESSION_STATUSES = ["active", "handed_off", "completed", "failed", "interrupted"] as const;
/** @see SESSION_STATUSES */
export type SessionStatus = (typeof SESSION_STATUSES)[number];

/** `COUNT-ULID`: the count rises by one with each save, the ULID tells one writer's save from another's. */
export const REVISION = /^[1-9][0-9]{0,14}-[0-9A-Z]{26}$/;

/** A ULID: 26 characters of Crockford's base 32, the first ten of them the time. https://github.com/ulid/spec */
export const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
