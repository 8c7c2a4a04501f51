// Changing the markers of a recording where it stands: written anew beside it in the same format and compression, then renamed;
// until that is on disk the file is as it was.
import { statSync } from "node:fs";
import {
  copyBytes,
  copyRecording,
  getFormat,
  type OpenT2r,
  openRecording,
  openT2r,
  readSignatures,
} from "../../formats/index.js";
import { type Codec, codecOf, compressedTarget, decompressed } from "../codec/index.js";
import {
  applyTransforms,
  changeMarkers,
  type Format,
  FormatError,
  type Marker,
  type MarkerChange,
  type Source,
  StoreError,
  T2aError,
  type Target,
  type Warning,
  wrapSource,
} from "../core/index.js";
import { type FileLock, holdFile, openFileSource, openFileTarget } from "../files/index.js";
import { KeyframeMaker } from "../terminal/index.js";
import { COMMANDS_SECTION, withCommands } from "./commands-section.js";

/** The markers of a recording, in order of time, and the time of its last event, nanoseconds. */
export interface MarkedRecording {
  readonly markers: readonly Marker[];
  readonly duration: number;
}

/** How to change markers. */
export interface EditMarkersOptions {
  readonly signal?: AbortSignal | undefined;
  /** How far writing is: bytes of the file. */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** What was done. */
export interface EditMarkersResult {
  /** As {@link LossTable} has it in words: signatures that hold no more; empty where nothing was lost. */
  readonly lossText: string;
  /** Sections that were left out: what they say of a recording counts its events. */
  readonly droppedSections: readonly string[];
  readonly warnings: readonly Warning[];
}

/**
 * Changes the markers of the recording of that name as `plan` says, which is given those that are there; where it says nothing the
 * file is not written. Holds the file's lock meanwhile. Everything else stays, byte for byte where the format allows it.
 * @throws StoreError `T2A_FILE_LOCKED` while it is being recorded, `T2A_FILE_NOT_FOUND`, `T2A_FILE_IO`; T2aError
 * `T2A_FORMAT_UNSUPPORTED` where its format holds no markers, or its compression is only read; FormatError where it is damaged
 * or was not finished; what `plan` throws. The file is then as it was.
 */
export async function editMarkers(
  path: string,
  plan: (recording: MarkedRecording) => MarkerChange | undefined,
  options: EditMarkersOptions = {},
): Promise<EditMarkersResult | undefined> {
  const lock = hold(path);
  try {
    const source = await openFileSource(path);
    try {
      const survey = await surveyFile(source, options);
      const change = plan(survey);
      return change === undefined ? undefined : await write(path, survey, change, options);
    } finally {
      await source.close();
    }
  } finally {
    lock.release();
  }
}

function hold(path: string): FileLock {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) {
    throw new StoreError("T2A_FILE_IO", `${path} is no file: markers are changed in files alone`, {
      details: { name: path },
    });
  }
  try {
    return holdFile(path);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "T2A_FILE_LOCKED") throw error;
    const message = `${path} is still being recorded or finished: its markers can be changed when that has ended`;
    throw new StoreError("T2A_FILE_LOCKED", message, { details: { name: path }, cause: error });
  }
}

interface Survey extends MarkedRecording {
  /** Stays open whatever reads it. */
  readonly source: Source;
  readonly codec: Codec | undefined;
  readonly format: Format;
  readonly warnings: readonly Warning[];
  /** Some time is no whole number of microseconds. */
  readonly hasNanos: boolean;
  readonly t2r: OpenT2r | undefined;
}

async function surveyFile(file: Source, { signal }: EditMarkersOptions): Promise<Survey> {
  const source = wrapSource(file, { close: async () => {} });
  const codec = codecOf(await source.readRange(0, 6));
  const warnings: Warning[] = [];
  const recording = await openRecording(source, { signal, onWarning: (warning) => warnings.push(warning) });
  try {
    const format = getFormat(recording.format);
    checkCan(source.name, format, codec);
    const t2r = format.name === "t2r" ? await openFinished(source) : undefined;
    const common = { source, codec, format, warnings, t2r };
    if (t2r !== undefined && !t2r.index.truncated) {
      return { ...common, hasNanos: true, markers: t2r.index.markers, duration: t2r.duration };
    }
    return { ...common, ...(await readMarkers(recording.batches)) };
  } finally {
    await recording.close();
  }
}

function checkCan(name: string, { name: format, supports }: Format, codec: Codec | undefined): void {
  if (!supports.marker) {
    const message = `${name} is ${format}, which holds no markers: t2a convert it to a format that does, .t2r or .cast`;
    throw new T2aError("T2A_FORMAT_UNSUPPORTED", message);
  }
  if (codec !== undefined && format === "t2r") {
    throw new T2aError("T2A_FORMAT_UNSUPPORTED", `${name} is a compressed .t2r: unpack it first (${codec.name})`);
  }
  if (codec?.writes === false) {
    const message = `${name} is compressed with ${codec.name}, which t2a only reads: t2a convert it to .gz or .zst`;
    throw new T2aError("T2A_FORMAT_UNSUPPORTED", message);
  }
}

async function openFinished(source: Source): Promise<OpenT2r> {
  const open = await openT2r(source);
  if (open !== undefined) return open;
  throw new FormatError("T2A_FORMAT_DAMAGED", `${source.name} was not finished, or is damaged`, {
    offset: (await source.size()) ?? 0,
    details: { nextStep: "t2a recover mends it" },
  });
}

async function readMarkers(batches: Awaited<ReturnType<typeof openRecording>>["batches"]) {
  const markers: Marker[] = [];
  let duration = 0;
  let hasNanos = false;
  for await (const batch of batches) {
    for (const event of batch) {
      if (event.kind === "marker") markers.push({ time: event.time, label: event.label });
      hasNanos ||= event.time % 1000 !== 0;
    }
    duration = batch.at(-1)?.time ?? duration;
  }
  return { markers, duration, hasNanos };
}

async function write(
  path: string,
  survey: Survey,
  change: MarkerChange,
  { signal, onProgress }: EditMarkersOptions,
): Promise<EditMarkersResult> {
  const { codec, format, warnings, t2r } = survey;
  const source = await counted(survey.source, onProgress);
  const signatures = t2r === undefined ? undefined : await readSignatures(survey.source);
  const target = await openTarget(path, codec);
  if (format.changeMarkers !== undefined && warnings.length === 0) {
    const plain =
      codec === undefined ? source : wrapSource(source, { stream: () => decompressed(codec, source.stream()) });
    await copyBytes(format.changeMarkers(plain, change), target, { signal });
    return { lossText: "", droppedSections: [], warnings };
  }
  const recording = await openRecording(source, { format, signal });
  const changed = withCommands(applyTransforms(recording, [changeMarkers(change)]));
  const { lossText } = await copyRecording(changed.recording, format, target, {
    signal,
    sections: changed.sections(),
    signatures,
    precision: survey.hasNanos || (change.add?.time ?? 0) % 1000 !== 0 ? "ns" : "us",
    createKeyframes: t2r?.engine === undefined ? undefined : (header) => new KeyframeMaker(header),
  });
  const droppedSections = [...(t2r?.index.sections.keys() ?? [])].filter((name) => name !== COMMANDS_SECTION);
  return { lossText, droppedSections, warnings };
}

async function openTarget(path: string, codec: Codec | undefined): Promise<Target> {
  const target = openFileTarget(path, { overwrite: true, keepPermissions: true });
  return codec === undefined ? target : await compressedTarget(codec, target);
}

/** The source, its bytes counted as they pass by. */
async function counted(source: Source, onProgress: EditMarkersOptions["onProgress"]): Promise<Source> {
  const total = (await source.size()) ?? 0;
  return wrapSource(source, {
    async *stream() {
      let done = 0;
      for await (const chunk of source.stream()) {
        done += chunk.length;
        onProgress?.({ done, total });
        yield chunk;
      }
    },
  });
}
