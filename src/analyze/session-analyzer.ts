// Analyzes any number of sessions, recordings and histories, with a list of analyzers.
import { setImmediate } from "node:timers/promises";
import type { Batch, Header, Recording } from "../core/index.js";
import type { AnalyzedSession, Analyzer, AnalyzerKind, CommandText } from "./analyzer.js";
import { ANALYZERS, type ReportsOf } from "./analyzers.js";
import type { Command } from "./command.js";
import { CommandFinder } from "./command-finder.js";
import { inEndOrder } from "./end-order.js";

/** Milliseconds of work before others have their turn. */
const TURN_MS = 8;
/** Of a command's text, UTF-16 units: its first and its last lines. */
const MAX_TEXT_UNITS = 65_536;

/** What the analyzers know, as data that can be cloned: by the names of their kinds. */
export type AnalysisPart = Readonly<Record<string, unknown>>;

/** How a recording is analyzed. */
export interface AnalyzeOptions {
  /** What the user calls it. */
  readonly name: string;
  /** Ends it early, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A history of commands without a recording. */
export interface CommandHistory {
  /** What the user calls it. */
  readonly name: string;
  readonly header: Header;
  /** In the order in which they began. */
  readonly commands: Iterable<Command>;
}

/**
 * Tells sessions to analyzers, one after the other, and gives their reports. Several of them, in several threads, add up: the
 * `part` of one is taken in by another with `add`, in the order in which the sessions began.
 */
export class SessionAnalyzer<Kinds extends readonly AnalyzerKind[] = typeof ANALYZERS> {
  readonly #kinds: readonly AnalyzerKind[];
  readonly #analyzers: readonly Analyzer<unknown>[];
  /** Those of them that are told of events. */
  readonly #watchers: readonly Analyzer<unknown>[];
  readonly #needsText: boolean;

  /** `kinds`: what is analyzed; {@link ANALYZERS} by default. */
  constructor({ kinds = ANALYZERS }: { readonly kinds?: Kinds | typeof ANALYZERS } = {}) {
    this.#kinds = kinds;
    this.#analyzers = this.#kinds.map((kind) => kind.create());
    this.#watchers = this.#analyzers.filter((_, at) => this.#kinds[at]?.needs.events);
    this.#needsText = this.#kinds.some(({ needs }) => needs.text);
  }

  /**
   * Takes a whole recording, which the caller closes.
   * @throws what the recording throws: what came before counts.
   */
  async recording(recording: Recording, { name, signal }: AnalyzeOptions): Promise<void> {
    this.#begin({ name, header: recording.header, source: "recording" });
    const finder = new CommandFinder(recording.header, {
      text: this.#needsText ? { maxUnits: MAX_TEXT_UNITS } : undefined,
      onCommand: (command, text) => this.#command(command, text),
      onAlternate: (isOn, time) => {
        for (const analyzer of this.#analyzers) analyzer.alternate?.(isOn, time);
      },
    });
    let duration = 0;
    let turn = performance.now();
    try {
      for await (const batch of recording.batches) {
        signal?.throwIfAborted();
        this.#batch(batch, finder);
        duration = batch.at(-1)?.time ?? duration;
        if (performance.now() - turn < TURN_MS) continue;
        await setImmediate();
        turn = performance.now();
      }
    } finally {
      finder.end();
      finder.close();
      this.#end(duration);
    }
  }

  /** Takes a history of commands. */
  history({ name, header, commands }: CommandHistory): void {
    this.#begin({ name, header, source: "history" });
    let duration = 0;
    for (const command of inEndOrder(commands)) {
      duration = Math.max(duration, command.start + (command.duration ?? 0));
      this.#command(command, undefined);
    }
    this.#end(duration);
  }

  /** What is known by now, for another SessionAnalyzer of the same kinds. */
  part(): AnalysisPart {
    return Object.fromEntries(this.#kinds.map(({ name }, at) => [name, this.#analyzers[at]?.part()]));
  }

  /** Takes in what another one knows. */
  add(part: AnalysisPart): void {
    this.#kinds.forEach(({ name }, at) => {
      if (part[name] !== undefined) this.#analyzers[at]?.add(part[name]);
    });
  }

  /** The reports by the names of their kinds; without those of kinds that have nothing to tell. */
  report(): ReportsOf<Kinds> {
    const reports = this.#kinds.map(({ name }, at) => [name, this.#analyzers[at]?.report()]);
    return Object.fromEntries(reports.filter(([, report]) => report !== undefined)) as ReportsOf<Kinds>;
  }

  #begin(session: AnalyzedSession): void {
    for (const analyzer of this.#analyzers) analyzer.session?.(session);
  }

  #batch(batch: Batch, finder: CommandFinder): void {
    if (this.#watchers.length === 0) finder.batch(batch);
    else
      for (const event of batch) {
        for (const watcher of this.#watchers) watcher.event?.(event);
        finder.event(event);
      }
  }

  #command(command: Command, text: CommandText | undefined): void {
    for (const analyzer of this.#analyzers) analyzer.command?.(command, text);
  }

  #end(duration: number): void {
    for (const analyzer of this.#analyzers) analyzer.end?.(duration);
  }
}
