// What a user is told of an error: its message, and what to do next where the message does not say.
import { T2aError } from "../core/index.js";

const SAVES_THE_REST: ReadonlySet<T2aError["code"]> = new Set(["T2A_FORMAT_DAMAGED", "T2A_CODEC"]);

/** One text for an error, not yet safe to print. */
export function errorText(error: unknown): string {
  if (!(error instanceof T2aError)) return error instanceof Error ? error.message : String(error);
  const nextStep = error.details.nextStep ?? (SAVES_THE_REST.has(error.code) ? DEFAULT_STEP : undefined);
  return nextStep === undefined ? error.message : `${error.message}: ${nextStep}`;
}

/** A message with its file's name, which most have already. */
export function namingFile(file: string, message: string): string {
  return message.includes(file) ? message : `${file}: ${message}`;
}

const DEFAULT_STEP = "convert --recover takes what is good";
