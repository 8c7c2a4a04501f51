// What a session may use. What is absent is not limited.
import { z } from "zod";

const count = z.int().min(1);

/** @see SessionLimits */
export const sessionLimitsSchema = z.strictObject({
  /** Seconds of CPU time of all its processes together. */
  cpuSeconds: count.optional(),
  /** Bytes of memory of all its processes together. */
  memoryBytes: count.optional(),
  /** Processes at once. */
  processes: count.optional(),
  /** Open files of each process. */
  openFiles: count.optional(),
  /** Bytes of any file that it writes. */
  fileBytes: count.optional(),
  /** Seconds from its start. */
  wallSeconds: count.optional(),
  /** Seconds without output or input. */
  idleSeconds: count.optional(),
  /** Bytes a second that it may print, over ten seconds: beyond it waits. */
  outputRate: count.optional(),
  /** Bytes of its recording. */
  recordingBytes: count.optional(),
});
/** What a session may use. */
export type SessionLimits = z.infer<typeof sessionLimitsSchema>;
