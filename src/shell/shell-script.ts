// The text of an integration. The scripts stand beside this module, in the sources and where they are built to.
import { readFileSync } from "node:fs";
import type { ShellKind } from "./shell-command.js";

/** The script that marks prompts and commands in a shell of that kind, for a start file. It proves nothing by itself. */
export function shellScript(kind: ShellKind): string {
  return readFileSync(new URL(`./t2a.${kind}`, import.meta.url), "utf8");
}
