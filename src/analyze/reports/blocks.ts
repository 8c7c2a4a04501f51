// What reports for people are made of: figures, tables, charts and sentences, independent of the form they take.

/** What a value is, which says how it is written. Times are nanoseconds, `share` is 0-1, `time` an ISO 8601
 * moment; of a `path` the end says more than the beginning. */
export type ReportUnit = "count" | "ns" | "bytes" | "bytesPerSecond" | "share" | "text" | "path" | "time";

/** A value in its unit; null: not known. Texts may hold anything: renderers make them visible and escape them. */
export type ReportCell = number | string | null;

/** One value with a name. */
export interface ReportFigure {
  /** In CSV. */
  readonly key: string;
  readonly label: string;
  readonly unit: ReportUnit;
  readonly value: ReportCell;
  /** A few words beside it. */
  readonly note?: string | undefined;
}

/** A table's column. */
export interface ReportColumn {
  readonly key: string;
  readonly label: string;
  readonly unit: ReportUnit;
  /** A bar is drawn of its numbers. One column of a table at most. */
  readonly hasBar?: boolean;
}

interface ReportBlockBase {
  /** In CSV; unique in its report. */
  readonly key: string;
  readonly title: string;
  /** A sentence below. */
  readonly note?: string | undefined;
}

/** A piece of a report. */
export type ReportBlock =
  | (ReportBlockBase & { readonly kind: "figures"; readonly figures: readonly ReportFigure[] })
  | (ReportBlockBase & {
      readonly kind: "table";
      readonly columns: readonly ReportColumn[];
      readonly rows: readonly (readonly ReportCell[])[];
    })
  /** Numbers along an axis, all of them shown; `labels` are as many. */
  | (ReportBlockBase & {
      readonly kind: "series";
      readonly unit: ReportUnit;
      readonly labels: readonly string[];
      readonly values: readonly number[];
    })
  /** Numbers by two axes. */
  | (ReportBlockBase & {
      readonly kind: "grid";
      readonly unit: ReportUnit;
      readonly rows: readonly string[];
      readonly columns: readonly string[];
      readonly values: readonly (readonly number[])[];
    })
  /** Sentences, each with what it rests on. */
  | (ReportBlockBase & {
      readonly kind: "sentences";
      readonly sentences: readonly { readonly text: string; readonly figures: readonly ReportFigure[] }[];
    });
