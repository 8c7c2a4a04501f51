// The names of the engine's charset tables. The engine holds the tables alone, one object each for the whole process: an engine
// made for it is asked which object each designation gives.
import { createEngine } from "./engine.js";
import type { EngineCharset } from "./engine-internals.js";
import { CHARSETS } from "./output-rules.js";

let names: ReadonlyMap<EngineCharset, string> | undefined;

/** The final byte that designates a charset; `B`, US ASCII, for none. */
export function charsetName(charset: EngineCharset): string {
  names ??= askEngine();
  return names.get(charset) ?? "B";
}

/** Whether {@link charsetName} ever gives this name. */
export function isCharsetName(name: string): boolean {
  names ??= askEngine();
  for (const known of names.values()) if (known === name) return true;
  return false;
}

/** The charset of a name that {@link charsetName} gives. */
export function charsetNamed(name: string): EngineCharset {
  names ??= askEngine();
  for (const [charset, known] of names) if (known === name) return charset;
  return undefined;
}

function askEngine(): ReadonlyMap<EngineCharset, string> {
  const found = new Map<EngineCharset, string>([[undefined, "B"]]);
  const engine = createEngine({ cols: 2, rows: 1 });
  for (const name of CHARSETS) {
    engine.parse(`\x1b(${name}`);
    const charset = engine.core._charsetService._charsets[0];
    if (charset !== undefined && !found.has(charset)) found.set(charset, name);
  }
  engine.dispose();
  return found;
}
