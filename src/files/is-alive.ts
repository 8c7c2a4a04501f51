// Whether a process is there.
import { systemCode } from "../core/index.js";

/** Whether a process of that number is there, be it another user's. A number may be another process's by now. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}
