// What one operating system command (OSC) says of the shell that wrote it: OSC 133, 633, 7, 9;9, 1337 and 3008.
import { isUtf8 } from "node:buffer";
import { MAX_VARIABLE_BYTES, VARIABLE_NAME } from "../core/index.js";
import { percentDecode, textOf, unescapeHex, unquoteShell } from "./shell-text.js";

/** FinalTerm's marks, which most shells and terminals know, or those of VS Code. */
export type ShellProtocol = "133" | "633";

/** What the marks of prompts and commands have in common. */
export interface ShellCycle {
  readonly protocol: ShellProtocol;
  /** Names the shell, so that a shell within a shell can be told from it. */
  readonly aid?: string | undefined;
  /** What is to prove to a recorder of t2a that the shell itself wrote it. */
  readonly proof?: string | undefined;
}

/** Something that a shell or a program says of where it is in its work. Texts may hold anything: show none of them raw. */
export type ShellMark =
  /** A prompt begins; ends, and typing begins; the command was read and its output begins. A prompt may be drawn again. */
  | (ShellCycle & { readonly kind: "promptStart" | "promptEnd" | "outputStart" })
  /** The line that was read; stands before `outputStart`, as a rule. */
  | (ShellCycle & { readonly kind: "commandLine"; readonly line: string })
  /** The command ended. Without status: aborted, or none was run. */
  | (ShellCycle & { readonly kind: "commandEnd"; readonly status: number | undefined })
  | {
      readonly kind: "cwd";
      readonly path: string;
      readonly host: string | undefined;
      readonly aid?: string | undefined;
      readonly proof?: string | undefined;
    }
  /** A variable of the shell's environment: null where it is not in it, undefined where its value cannot be told. */
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly value: string | null | undefined;
      readonly aid?: string | undefined;
      readonly proof?: string | undefined;
    }
  | { readonly kind: "remoteHost"; readonly user: string | undefined; readonly host: string }
  /** A context (a shell, sudo, a container ...) begins and ends; `fields` as they came: user, hostname, cwd, type ... */
  | { readonly kind: "contextStart" | "contextEnd"; readonly id: string; readonly fields: ReadonlyMap<string, string> }
  /** The alternate buffer is shown, or not any more: what stands on it is no shell's. */
  | { readonly kind: "alternate"; readonly on: boolean }
  /** Pasted text is wanted in brackets, or not any more: shells do so while they read a line. */
  | { readonly kind: "bracketedPaste"; readonly on: boolean };

/** The marks in the payload of an OSC (what stands between `ESC ]` and its end), bytes as latin1. None: it is about something else. */
export function readShellOsc(payload: string): readonly ShellMark[] {
  const [, number = "", body = ""] = /^([0-9]{1,4});([\s\S]*)$/.exec(payload) ?? [];
  switch (number) {
    case "133":
      return finalTermMarks(body);
    case "633":
      return vsCodeMarks(body);
    case "7":
      return urlCwd(body);
    case "9":
      return body.startsWith("9;") ? cwdMark(textOf(body.slice(2).replace(/^"([\s\S]*)"$/, "$1"))) : [];
    case "1337":
      return iTermMarks(body);
    case "3008":
      return contextMarks(body);
    default:
      return [];
  }
}

function finalTermMarks(body: string): readonly ShellMark[] {
  const [letter, ...options] = body.split(";");
  const cycle = { protocol: "133", aid: optionOf(options, "aid") } as const;
  switch (letter) {
    case "A":
    case "N":
    case "P":
      // Prompts of continuation lines (k=s, k=c) and on the right side (k=r) begin nothing.
      return (optionOf(options, "k") ?? "i") === "i" ? [{ kind: "promptStart", ...cycle }] : [];
    case "B":
    case "I":
      return [{ kind: "promptEnd", ...cycle }];
    case "C":
      return [...lineMark(body, options, cycle), { kind: "outputStart", ...cycle }];
    case "D":
      return [{ kind: "commandEnd", ...cycle, status: parseStatus(options.find((option) => !option.includes("="))) }];
    default:
      return [];
  }
}

/** A quoted line may hold `;`, an encoded one does not. */
function lineMark(body: string, options: readonly string[], cycle: ShellCycle): readonly ShellMark[] {
  const encoded = options.find((option) => option.startsWith("cmdline_url="));
  if (encoded !== undefined)
    return [{ kind: "commandLine", ...cycle, line: percentDecode(encoded.slice("cmdline_url=".length)) }];
  const quoted = body.indexOf(";cmdline=");
  if (quoted < 0) return [];
  return [{ kind: "commandLine", ...cycle, line: unquoteShell(body.slice(quoted + ";cmdline=".length)) }];
}

function vsCodeMarks(body: string): readonly ShellMark[] {
  const [letter, ...options] = body.split(";");
  const [first = ""] = options;
  // From the end: the argument comes first, and a command line may look like an option.
  const fromEnd = options.toReversed();
  const proof = optionOf(fromEnd, "t2a");
  const cycle = { protocol: "633", aid: optionOf(fromEnd, "aid"), proof } as const;
  switch (letter) {
    case "A":
      return [{ kind: "promptStart", ...cycle }];
    case "B":
      return [{ kind: "promptEnd", ...cycle }];
    case "C":
      return [{ kind: "outputStart", ...cycle }];
    case "D":
      return [{ kind: "commandEnd", ...cycle, status: parseStatus(first) }];
    case "E":
      return [{ kind: "commandLine", ...cycle, line: unescapeHex(first) }];
    case "P":
      if (first.startsWith("Env=")) return variableMark(first.slice("Env=".length), cycle);
      return first.startsWith("Cwd=") ? cwdMark(unescapeHex(first.slice("Cwd=".length)), "", cycle) : [];
    default:
      return [];
  }
}

/** `NAME=` and the value, percent-encoded; `NAME` where it is not in the environment, `NAME?` where its value is not told. */
function variableMark(text: string, { aid, proof }: ShellCycle): readonly ShellMark[] {
  const [, name = "", rest = ""] = /^([^=?]*)([\s\S]*)$/.exec(text) ?? [];
  if (!VARIABLE_NAME.test(name)) return [];
  if (rest !== "" && rest !== "?" && !rest.startsWith("=")) return [];
  const value = rest === "" ? null : rest === "?" ? undefined : variableValue(rest.slice(1));
  return [{ kind: "variable", name, value, aid, proof }];
}

/** No program can be given a value with NUL in it, nor one that is no text. */
function variableValue(encoded: string): string | undefined {
  const text = encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const bytes = Buffer.from(text, "latin1");
  return bytes.length > MAX_VARIABLE_BYTES || bytes.includes(0) || !isUtf8(bytes) ? undefined : bytes.toString("utf8");
}

function urlCwd(body: string): readonly ShellMark[] {
  const match = /^(?:file|kitty-shell-cwd):\/\/([^/]*)(\/[\s\S]*)$/.exec(body);
  if (match === null) return [];
  const [, host = "", path = ""] = match;
  return cwdMark(body.startsWith("file") ? percentDecode(path) : textOf(path), textOf(host));
}

function cwdMark(path: string, host = "", { aid, proof }: Partial<ShellCycle> = {}): readonly ShellMark[] {
  return path === "" ? [] : [{ kind: "cwd", path, host: host === "" ? undefined : host, aid, proof }];
}

function iTermMarks(body: string): readonly ShellMark[] {
  if (body.startsWith("CurrentDir=")) return cwdMark(textOf(body.slice("CurrentDir=".length)));
  const match = /^RemoteHost=(?:([^@]*)@)?([^@]+)$/.exec(body);
  if (match === null) return [];
  const [, user = "", host = ""] = match;
  return [{ kind: "remoteHost", user: user === "" ? undefined : textOf(user), host: textOf(host) }];
}

function contextMarks(body: string): readonly ShellMark[] {
  const [head = "", ...rest] = body.split(";");
  const [, verb, id] = /^(start|end)=([\s\S]+)$/.exec(head) ?? [];
  if (id === undefined) return [];
  const fields = new Map<string, string>();
  for (const field of rest) {
    const [, key, value] = /^([a-z]+)=([\s\S]*)$/.exec(field) ?? [];
    if (key !== undefined && value !== undefined) fields.set(key, unescapeHex(value));
  }
  return [{ kind: verb === "start" ? "contextStart" : "contextEnd", id: textOf(id), fields }];
}

function optionOf(options: readonly string[], key: string): string | undefined {
  const option = options.find((text) => text.startsWith(`${key}=`));
  return option === undefined ? undefined : textOf(option.slice(key.length + 1));
}

function parseStatus(text: string | undefined): number | undefined {
  return text !== undefined && /^-?[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
}
