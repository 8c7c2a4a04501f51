// Rows of exported commands as tests make them up, and what a writer makes of them.
import fc from "fast-check";
import { type CommandRow, type CommandWriter, commandToJson } from "../../../src/analyze/index.js";
import type { Target } from "../../../src/core/index.js";
import { MemoryTarget } from "../../support/memory-io.js";
import { anyCommand } from "../commands.js";

/** Any rows that can be, of recordings with and without a time. */
export function anyRows(): fc.Arbitrary<CommandRow[]> {
  const time = fc.option(fc.bigInt({ min: -(10n ** 18n), max: 4n * 10n ** 18n }), { nil: undefined });
  const row = fc
    .record({ command: anyCommand(), startTime: time, name: fc.string() })
    .map(({ command, startTime, name }) => {
      const header = startTime === undefined ? {} : { startTime };
      const json = commandToJson(command, { name, header, source: "recording" });
      return { json, time: startTime === undefined ? undefined : startTime + BigInt(command.start) };
    });
  return fc.array(row, { maxLength: 20 });
}

/** The bytes that a writer writes of rows. */
export async function written(
  create: (target: Target) => CommandWriter | Promise<CommandWriter>,
  rows: Iterable<CommandRow>,
): Promise<Buffer> {
  const target = new MemoryTarget();
  const writer = await create(target);
  for (const row of rows) await writer.add(row);
  await writer.end();
  return Buffer.from(target.bytes());
}
