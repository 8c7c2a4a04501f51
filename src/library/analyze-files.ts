// Analyzes many files: in threads where there is much of them, their parts added up in the order of the files.
import { stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { type AnalysisFiles, type AnalysisProblem, SessionAnalyzer } from "../analyze/index.js";
import type { Source } from "../core/index.js";
import { openFileSource } from "../files/index.js";
import { type AnalyzeFileOptions, analyzeFile, type FileResult } from "./analyze-file.js";
import { AnalyzerThreads } from "./analyzer-threads.js";
import { countedSource } from "./counted-source.js";

/** How files are analyzed. */
export interface AnalyzeFilesOptions extends AnalyzeFileOptions {
  /** Where the threads' program is: the built analyze-worker.js. Without it all is done in this thread. */
  readonly program?: URL | undefined;
  /** Threads at most; as many as there are cores by default. */
  readonly threads?: number | undefined;
  /** Opens what is no file: a URL, standard input. */
  readonly open?: ((name: string) => Promise<Source>) | undefined;
  /** Whether `name` is a file; a path is by default. Others are analyzed in this thread. */
  readonly isFile?: ((name: string) => boolean) | undefined;
  readonly onProgress?: ((bytes: number, total: number) => void) | undefined;
}

/** What came of the files. */
export interface FilesAnalysis {
  readonly analyzer: SessionAnalyzer;
  readonly files: AnalysisFiles;
}

/** Less is done in this thread: starting others takes longer. */
const SMALL_BYTES = 4 * 1024 * 1024;

/**
 * Analyzes files in the order in which they are given, which should be that in which their sessions began. Those that cannot be
 * read are told of in the result.
 * @throws `signal`'s reason, and faults of t2a.
 */
export async function analyzeFiles(
  names: readonly string[],
  options: AnalyzeFilesOptions = {},
): Promise<FilesAnalysis> {
  const analyzer = new SessionAnalyzer();
  const tally = new FileTally();
  const sizes = await Promise.all(names.map(sizeOf));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let read = 0;
  const onBytes = (bytes: number) => {
    read += bytes;
    options.onProgress?.(read, total);
  };
  const { isFile = () => true, program, threads = availableParallelism() } = options;
  const isMany = program !== undefined && names.length > 1 && total > SMALL_BYTES && threads > 1;
  const pool = isMany ? new AnalyzerThreads(program, Math.min(threads, names.length), options, onBytes) : undefined;
  try {
    pool?.start(names.filter(isFile));
    for (const name of names) {
      options.signal?.throwIfAborted();
      if (pool !== undefined && isFile(name)) {
        const { part, ...result } = await pool.next();
        analyzer.add(part);
        tally.add(name, result);
      } else {
        const open = async () => countedSource(await (options.open ?? openFileSource)(name), onBytes);
        tally.add(name, await analyzeFile(analyzer, open, options));
      }
    }
    return { analyzer, files: tally.files };
  } finally {
    await pool?.close();
  }
}

async function sizeOf(name: string): Promise<number> {
  return await stat(name).then(
    (stats) => (stats.isFile() ? stats.size : 0),
    () => 0,
  );
}

class FileTally {
  #analyzed = 0;
  #outside = 0;
  #undated = 0;
  readonly #problems: AnalysisProblem[] = [];

  add(name: string, { outcome, problem }: FileResult): void {
    if (outcome === "analyzed") this.#analyzed++;
    else if (outcome === "outside") this.#outside++;
    else if (outcome === "undated") this.#undated++;
    if (problem !== undefined) this.#problems.push({ name, ...problem });
  }

  get files(): AnalysisFiles {
    return { analyzed: this.#analyzed, outside: this.#outside, undated: this.#undated, problems: this.#problems };
  }
}
