// The kernel's boot id: monotonic times of different boots cannot be compared.
import { readFileSync } from "node:fs";

/** The running kernel's boot id; undefined where the system has none. */
export function bootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    return undefined; // only Linux has it; anchors then go without
  }
}
