// Small programs that tests run in a terminal of their own, over the built modules.
import { fileURLToPath } from "node:url";

const root = new URL("../..", import.meta.url);

/** Arguments for node that run an ES module's text; `src/...` imports reach the built modules. */
export function moduleProgram(text: string): readonly string[] {
  const dist = fileURLToPath(new URL("dist/", root));
  return ["--input-type=module", "-e", text.replaceAll('from "src/', `from "${dist}src/`)];
}
