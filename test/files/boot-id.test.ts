// The kernel's boot id.
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { bootId } from "../../src/files/index.js";
import { titled } from "../support/programs.js";

const known = existsSync("/proc/sys/kernel/random/boot_id");

it.skipIf(!known)(titled("is the same at every question", known ? undefined : "the kernel has none"), () => {
  expect(bootId()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(bootId()).toBe(bootId());
});
