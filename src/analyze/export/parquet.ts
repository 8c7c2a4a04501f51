// Commands as Parquet: row groups of bounded size, each written when it is full.
import type { ColumnSource, SchemaElement } from "hyparquet-writer";
import type { Target } from "../../core/index.js";
import { COMMAND_COLUMNS, type CommandColumn, type CommandRow } from "./columns.js";
import type { CommandWriter } from "./writer.js";

/** Rows of a row group, and UTF-16 units of text in it, at most. */
const GROUP_ROWS = 20_000;
const GROUP_UNITS = 8 * 1024 * 1024;

type Value = string | bigint | boolean | null;

/** One row a command. Texts are UTF-8, whole numbers INT64, times TIMESTAMP (microseconds, UTC); all may be null. */
export async function parquetWriter(target: Target): Promise<CommandWriter> {
  const { ByteWriter, ParquetWriter } = await import("hyparquet-writer");
  const bytes = new ByteWriter();
  const parquet = new ParquetWriter({ writer: bytes, schema: SCHEMA, createdBy: "t2a" });
  let columns = emptyColumns();
  let rows = 0;
  let units = 0;

  const flush = async () => {
    const written = bytes.getBytes().slice();
    bytes.index = 0;
    await target.write(written);
  };
  const endGroup = async () => {
    if (rows === 0) return;
    // Wider groups than rows: what was collected is one group.
    await parquet.write({ columnData: columns, rowGroupSize: rows });
    columns = emptyColumns();
    rows = 0;
    units = 0;
    await flush();
  };
  return {
    async add(row) {
      for (const [index, column] of COMMAND_COLUMNS.entries()) {
        const value = parquetValue(column, row);
        columns[index]?.data.push(value);
        if (typeof value === "string") units += value.length;
      }
      if (++rows >= GROUP_ROWS || units >= GROUP_UNITS) await endGroup();
    },
    async end() {
      await endGroup();
      await parquet.finish();
      await flush();
    },
  };
}

const TYPES: Readonly<Record<CommandColumn["type"], Omit<SchemaElement, "name">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  count: { type: "INT64" },
  truth: { type: "BOOLEAN" },
  // Not nanoseconds: Spark refuses those.
  time: {
    type: "INT64",
    converted_type: "TIMESTAMP_MICROS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
  },
};

const SCHEMA: SchemaElement[] = [
  { name: "commands", num_children: COMMAND_COLUMNS.length },
  ...COMMAND_COLUMNS.map(({ name, type }): SchemaElement => ({ name, repetition_type: "OPTIONAL", ...TYPES[type] })),
];

function emptyColumns(): (ColumnSource & { data: Value[] })[] {
  return COMMAND_COLUMNS.map(({ name }) => ({ name, data: [] }));
}

function parquetValue({ type, value }: CommandColumn, { json, time }: CommandRow): Value {
  const cell = value(json);
  if (cell === null) return null;
  if (type === "time") return time === undefined ? null : microseconds(time);
  return typeof cell === "number" ? BigInt(cell) : cell;
}

/** Rounded down, also before 1970. */
function microseconds(time: bigint): bigint {
  const micros = time / 1000n;
  return time < 0n && micros * 1000n !== time ? micros - 1n : micros;
}
