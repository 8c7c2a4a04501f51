// Where a report goes: a file, written beside and renamed, or standard output.
import type { Analysis, ReportFormat } from "../analyze/index.js";
import type { CommandContext } from "./context.js";

/** How a report is written. */
export interface ReportOutputOptions {
  readonly format?: string | undefined;
  readonly output?: string | undefined;
  readonly overwrite?: boolean | undefined;
}

/** A report that is about to be written. */
export interface ReportOutput {
  /** It is for somebody at a terminal, and not for a program or a file. */
  readonly isShown: boolean;
  write(analysis: Analysis): Promise<void>;
  /** Nothing is written. Idempotent, and nothing after `write`. */
  abort(): Promise<void>;
}

/**
 * Opens what the report goes to.
 * @throws StoreError as openFileTarget.
 */
export async function openReport(
  { format: name, output = "-", overwrite = false }: ReportOutputOptions,
  context: CommandContext,
): Promise<ReportOutput> {
  const { REPORT_FORMATS } = await import("../analyze/index.js");
  const format = REPORT_FORMATS.find((candidate) =>
    name === undefined ? hasExtension(candidate, output) : candidate.name === name,
  );
  const render = (format ?? REPORT_FORMATS[0])?.render;
  if (render === undefined) throw new Error(`no form of reports is called ${name}`);
  const { stdout, env } = context.io;
  if (output === "-") {
    const hasColour = stdout.isTTY === true && !env.NO_COLOR;
    return {
      isShown: format === undefined || format.name === "text",
      write: async (analysis) => {
        await written(stdout, render(analysis, { cols: stdout.columns, hasColour }));
      },
      abort: async () => {},
    };
  }
  const { openFileTarget } = await import("../files/index.js");
  const target = openFileTarget(output, { overwrite });
  return {
    isShown: false,
    write: async (analysis) => {
      await target.write(Buffer.from(render(analysis)));
      await target.commit();
    },
    abort: () => target.abort(),
  };
}

function hasExtension({ extensions }: ReportFormat, name: string): boolean {
  return extensions.some((extension) => name.toLowerCase().endsWith(extension));
}

async function written(stream: NodeJS.WritableStream, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => stream.write(text, (error) => (error ? reject(error) : resolve())));
}
