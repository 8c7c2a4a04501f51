// Where the time went: active and idle, output rates, latencies, gaps, bursts, full-screen programs.
import type { Event } from "../core/index.js";
import type { AnalyzedSession, Analyzer } from "./analyzer.js";
import type { Command } from "./command.js";
import { IDLE_NANOS, IdleMeter, type IdlePart } from "./idle-meter.js";
import { LatencyMeter, type LatencyPart } from "./latency.js";
import { OutputMeter, type OutputPart } from "./output-meter.js";
import type { PerformanceReport } from "./performance-report.js";
import { QuantileSketch, type SketchPart } from "./quantile-sketch.js";
import { ShellThreads } from "./shell-threads.js";

/** What a {@link PerformanceAnalyzer} knows, as data. */
export interface PerformancePart {
  readonly recordings: number;
  readonly events: number;
  readonly withInput: number;
  readonly waitingNs: number;
  readonly fullScreenNs: number;
  readonly idle: IdlePart;
  readonly output: OutputPart;
  readonly latency: LatencyPart;
  readonly commandToOutput: SketchPart;
}

/** Figures of time, out of recordings; histories say nothing of it. Memory is bounded whatever is analyzed. */
export class PerformanceAnalyzer implements Analyzer<PerformanceReport, PerformancePart> {
  #recordings = 0;
  #events = 0;
  #withInput = 0;
  #waitingNs = 0;
  #fullScreenNs = 0;
  readonly #idle = new IdleMeter();
  readonly #output = new OutputMeter();
  readonly #latency = new LatencyMeter(IDLE_NANOS);
  readonly #commandToOutput = new QuantileSketch();
  #isRecording = false;
  #hasInput = false;
  #shells = new ShellThreads();
  /** Since when the alternate buffer is shown. */
  #fullScreenAt: number | undefined;

  session({ name, source }: AnalyzedSession): void {
    this.#isRecording = source === "recording";
    this.#hasInput = false;
    this.#fullScreenAt = undefined;
    this.#shells = new ShellThreads();
    this.#idle.session(name);
    this.#output.session(name);
    this.#latency.session();
  }

  event(event: Event): void {
    const { time } = event;
    this.#events++;
    this.#idle.event(time, this.#fullScreenAt === undefined);
    if (event.kind === "output") {
      this.#output.output(event.data.length, time);
      if (this.#hasInput) this.#latency.output(event.data, time);
    } else if (event.kind === "input") {
      this.#hasInput = true;
      this.#latency.input(event.data, time);
    }
  }

  alternate(isOn: boolean, time: number): void {
    if (isOn) this.#fullScreenAt ??= time;
    else this.#leaveFullScreen(time);
  }

  command(command: Command): void {
    const { isShell } = this.#shells.take(command);
    const { start, duration, timeToFirstOutput } = command;
    if (!this.#isRecording || isShell) return;
    if (timeToFirstOutput !== undefined) this.#commandToOutput.take(timeToFirstOutput);
    if (duration !== undefined) this.#waitingNs += this.#idle.waited(start, start + duration);
  }

  end(duration: number): void {
    if (!this.#isRecording) return;
    this.#recordings++;
    if (this.#hasInput) this.#withInput++;
    this.#leaveFullScreen(duration);
    this.#idle.end(duration);
    this.#output.end();
  }

  #leaveFullScreen(time: number): void {
    if (this.#fullScreenAt !== undefined) this.#fullScreenNs += time - this.#fullScreenAt;
    this.#fullScreenAt = undefined;
  }

  part(): PerformancePart {
    return {
      recordings: this.#recordings,
      events: this.#events,
      withInput: this.#withInput,
      waitingNs: this.#waitingNs,
      fullScreenNs: this.#fullScreenNs,
      idle: this.#idle.part(),
      output: this.#output.part(),
      latency: this.#latency.part(),
      commandToOutput: this.#commandToOutput.part(),
    };
  }

  add(part: PerformancePart): void {
    this.#recordings += part.recordings;
    this.#events += part.events;
    this.#withInput += part.withInput;
    this.#waitingNs += part.waitingNs;
    this.#fullScreenNs += part.fullScreenNs;
    this.#idle.add(part.idle);
    this.#output.add(part.output);
    this.#latency.add(part.latency);
    this.#commandToOutput.add(part.commandToOutput);
  }

  report(): PerformanceReport {
    const { totalNs, idleNs } = this.#idle;
    const activeNs = totalNs - idleNs;
    const { bytes } = this.#output;
    return {
      recordings: this.#recordings,
      events: this.#events,
      time: {
        ...{ totalNs, activeNs, idleNs, waitingNs: this.#waitingNs },
        ...{ idleThresholdNs: IDLE_NANOS, fullScreenNs: this.#fullScreenNs },
      },
      output: {
        bytes,
        bytesPerActiveSecond: activeNs > 0 ? Math.round((bytes / activeNs) * 1e9) : null,
        perSecond: this.#output.perSecond.quantiles ?? null,
        overTime: this.#output.overTime,
      },
      latency: {
        recordingsWithInput: this.#withInput,
        keyToEcho: this.#latency.keys.quantiles ?? null,
        unansweredKeys: this.#latency.unanswered,
        enterToOutput: this.#latency.enters.quantiles ?? null,
        commandToOutput: this.#commandToOutput.quantiles ?? null,
      },
      gaps: this.#idle.gaps,
      bursts: this.#output.bursts,
    };
  }
}
