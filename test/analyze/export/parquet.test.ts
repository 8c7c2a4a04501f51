// Commands as Parquet: what three readers that have nothing to do with the writer find in it.
import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { COMMAND_COLUMNS, type CommandRow, commandToJson, parquetWriter } from "../../../src/analyze/index.js";
import type { Target } from "../../../src/core/index.js";
import { run, titled } from "../../support/programs.js";
import { tempDir } from "../../support/temp-dir.js";
import { command } from "../commands.js";
import { anyRows, written } from "./rows.js";

const view = (bytes: Buffer) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;

/** What is expected of a row, in microseconds and text. */
function expected({ json, time }: CommandRow): Record<string, unknown> {
  const micros = time === undefined ? null : BigInt.asIntN(64, (time - (((time % 1000n) + 1000n) % 1000n)) / 1000n);
  return Object.fromEntries(
    COMMAND_COLUMNS.map(({ name, type, value }) => {
      const cell = value(json);
      if (type === "time") return [name, cell === null ? null : String(micros)];
      return [name, typeof cell === "number" ? String(cell) : cell];
    }),
  );
}

/** Why a module of Python cannot be asked; undefined where it can. */
function lacking(module: string): string | undefined {
  try {
    run("python3", ["-c", `import ${module}`]);
    return undefined;
  } catch {
    return `python3 has no module ${module}`;
  }
}

describe("Parquet", () => {
  it("holds what was written, as hyparquet reads it", async () => {
    await fc.assert(
      fc.asyncProperty(anyRows(), async (rows) => {
        const file = view(await written(parquetWriter, rows));
        const found = await parquetReadObjects({ file, parsers: { ...RAW_TIMES } });
        const plain = found.map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([name, value]) => [
              name,
              typeof value === "bigint" ? String(value) : (value ?? null),
            ]),
          ),
        );
        expect(plain).toEqual(rows.map(expected));
      }),
      { numRuns: 40 },
    );
  });

  it("has types that say what is meant", async () => {
    const { schema } = await parquetMetadataAsync(view(await written(parquetWriter, [])));
    const types = new Map(schema.map(({ name, type, logical_type }) => [name, [type, logical_type?.type]]));
    expect(types.get("line")).toEqual(["BYTE_ARRAY", "STRING"]);
    expect(types.get("duration_ns")).toEqual(["INT64", undefined]);
    expect(types.get("started_at")).toEqual(["INT64", "TIMESTAMP"]);
    expect(schema.find(({ name }) => name === "started_at")?.logical_type).toMatchObject({
      isAdjustedToUTC: true,
      unit: "MICROS",
    });
    expect(schema.slice(1).every(({ repetition_type }) => repetition_type === "OPTIONAL")).toBe(true);
  });

  it("is written in groups: no more than a bounded part of it waits", async () => {
    const row = (line: string): CommandRow => ({ json: commandToJson(command({ line })), time: undefined });
    const many = await written(
      parquetWriter,
      Array.from({ length: 45_000 }, (_, index) => row(`echo ${index}`)),
    );
    const groups = (await parquetMetadataAsync(view(many))).row_groups.map(({ num_rows }) => Number(num_rows));
    expect(groups).toEqual([20_000, 20_000, 5000]);
    const long = await written(
      parquetWriter,
      Array.from({ length: 40 }, (_, index) => row(`${index}${"x".repeat(1e6)}`)),
    );
    expect((await parquetMetadataAsync(view(long))).row_groups.length).toBeGreaterThan(3);
    const sizes: number[] = [];
    const target = { write: (bytes: Uint8Array) => void sizes.push(bytes.length) } as unknown as Target;
    const writer = await parquetWriter(target);
    for (let index = 0; index < 20_000; index++) await writer.add(row(`echo ${index}`));
    expect(sizes).toHaveLength(1); // before its end
  });

  const noArrow = lacking("pyarrow");
  it.skipIf(noArrow)(titled("holds what was written, as pyarrow reads it", noArrow), async () => {
    const path = tempDir();
    const rows = fc.sample(anyRows(), 20).flat();
    writeFileSync(path("c.parquet"), await written(parquetWriter, rows));
    const script = `import json, sys, pyarrow as pa, pyarrow.parquet as pq
table = pq.read_table(sys.argv[1])
assert table.schema.field("started_at").type == pa.timestamp("us", tz="UTC"), table.schema
assert table.schema.field("line").type == pa.string()
for i, field in enumerate(table.schema):
    if pa.types.is_timestamp(field.type): table = table.set_column(i, field.name, table.column(i).cast(pa.int64()))
print(json.dumps([{k: str(v) if type(v) is int else v for k, v in row.items()} for row in table.to_pylist()]))`;
    expect(JSON.parse(run("python3", ["-c", script, path("c.parquet")]).toString())).toEqual(rows.map(expected));
  });

  const noDuck = lacking("duckdb");
  it.skipIf(noDuck)(titled("holds what was written, as DuckDB reads it", noDuck), async () => {
    const path = tempDir();
    const rows = fc.sample(anyRows(), 20).flat();
    writeFileSync(path("c.parquet"), await written(parquetWriter, rows));
    const columns = COMMAND_COLUMNS.map(({ name, type }) =>
      type === "time" ? `epoch_us(${name}) as ${name}` : name,
    ).join(", ");
    const script = `import json, sys, duckdb
found = duckdb.sql("select ${columns} from '" + sys.argv[1] + "'")
print(json.dumps([{k: str(v) if type(v) is int else v for k, v in zip(found.columns, row)} for row in found.fetchall()]))`;
    expect(JSON.parse(run("python3", ["-c", script, path("c.parquet")]).toString())).toEqual(rows.map(expected));
  });
});

/** hyparquet makes dates of times, which know milliseconds only. */
const RAW_TIMES = { timestampFromMicroseconds: (micros: bigint) => micros };
