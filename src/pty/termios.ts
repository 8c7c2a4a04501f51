// The terminal calls Node lacks: termios, the window size and the foreground process group of a descriptor, through
// koffi (tcgetattr(3), cfmakeraw(3), tty_ioctl(4)). A termios is an opaque buffer here: only its local flags are read.
// Without koffi the user's own terminal is dealt with through stty; what has to be quick or is a nicety is left out.
import { createRequire } from "node:module";
import { RAW_MODE, stty } from "./stty.js";

/** What a terminal does with typed bytes. A hidden line (`read -s`, getpass) is echo off and icanon on. */
export interface TtyFlags {
  /** Typed characters are echoed by the terminal driver. */
  readonly echo: boolean;
  /** Canonical mode: input is handed to the program line by line. */
  readonly icanon: boolean;
}

/** A saved termios, to be handed back to {@link setTermios} only. */
export type Termios = Buffer | readonly string[];

/** Larger than every struct termios: 60 bytes with glibc and musl, 72 on macOS. */
const TERMIOS_BYTES = 256;
const TCSANOW = 0;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const ECHO = 0x8;
/** What differs by system. The flag words are 4 bytes on Linux, 8 on macOS; input flags come first, local flags fourth. */
const LAYOUTS = {
  linux: { localOffset: 12, icanon: 0x2, windowSizeRequest: 0x5413 },
  darwin: { localOffset: 24, icanon: 0x100, windowSizeRequest: 0x40087468 },
} as const;
const LAYOUT = process.platform === "darwin" ? LAYOUTS.darwin : LAYOUTS.linux;

interface Calls {
  tcgetattr(fd: number, termios: Buffer): number;
  tcsetattr(fd: number, actions: number, termios: Buffer): number;
  cfmakeraw(termios: Buffer): void;
  tcgetpgrp(fd: number): number;
  ioctl(fd: number, request: number, type: "void *", argument: Buffer): number;
  fcntl(fd: number, command: number, type: "int", argument: number): number;
}

/** Loaded at the first call: most commands never touch a terminal. `null`: this system has no koffi or not these calls. */
let loaded: Calls | null | undefined;

function calls(): Calls | undefined {
  if (loaded === undefined) loaded = loadCalls();
  return loaded ?? undefined;
}

function loadCalls(): Calls | null {
  if (process.platform !== "linux" && process.platform !== "darwin") return null;
  try {
    // `as`: require() is untyped; the signatures below are the contract with libc.
    const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
    const libc = koffi.load(null);
    return {
      tcgetattr: libc.func("int tcgetattr(int fd, _Out_ void *termios)"),
      tcsetattr: libc.func("int tcsetattr(int fd, int actions, void *termios)"),
      cfmakeraw: libc.func("void cfmakeraw(_Inout_ void *termios)"),
      tcgetpgrp: libc.func("int tcgetpgrp(int fd)"),
      ioctl: libc.func("int ioctl(int fd, unsigned long request, ...)"),
      fcntl: libc.func("int fcntl(int fd, int command, ...)"),
    };
  } catch {
    return null; // no binary of koffi for this machine
  }
}

/** The descriptor's termios; undefined where it is no terminal, or nothing can tell. */
export function getTermios(fd: number): Termios | undefined {
  if (calls() !== undefined) return nativeTermios(fd);
  const saved = stty(fd, ["-g"]);
  return saved === undefined ? undefined : [saved];
}

/**
 * Sets a termios at once. Never waits for pending output to drain: on a stalled terminal that would hang.
 * False where the terminal is gone.
 */
export function setTermios(fd: number, termios: Termios): boolean {
  if (Buffer.isBuffer(termios)) return calls()?.tcsetattr(fd, TCSANOW, termios) === 0;
  return stty(fd, termios) !== undefined;
}

/** A copy of a termios in raw mode: no echo, no signals, no line editing, and output passed through as it is. */
export function toRaw(termios: Termios): Termios {
  if (!Buffer.isBuffer(termios)) return RAW_MODE;
  const raw = Buffer.from(termios);
  calls()?.cfmakeraw(raw);
  return raw;
}

function nativeTermios(fd: number): Buffer | undefined {
  const termios = Buffer.alloc(TERMIOS_BYTES);
  return calls()?.tcgetattr(fd, termios) === 0 ? termios : undefined;
}

/** The flags of the terminal, also on a pty's master side; undefined where not available. Costs about 2 us. */
export function ttyFlags(fd: number): TtyFlags | undefined {
  const termios = nativeTermios(fd);
  if (termios === undefined) return undefined;
  const local = termios.readUInt32LE(LAYOUT.localOffset);
  return { echo: (local & ECHO) !== 0, icanon: (local & LAYOUT.icanon) !== 0 };
}

/** The terminal's size in cells; undefined where the descriptor is no terminal or has no size. */
export function windowSize(fd: number): { readonly cols: number; readonly rows: number } | undefined {
  const [rows, cols] = calls() === undefined ? sizeFromStty(fd) : nativeSize(fd);
  return cols > 0 && rows > 0 ? { cols, rows } : undefined;
}

/** Rows and columns; zeros where there are none. */
function nativeSize(fd: number): readonly [number, number] {
  const size = Buffer.alloc(8); // struct winsize: rows, cols, x pixels, y pixels
  if (calls()?.ioctl(fd, LAYOUT.windowSizeRequest, "void *", size) !== 0) return [0, 0];
  return [size.readUInt16LE(0), size.readUInt16LE(2)];
}

function sizeFromStty(fd: number): readonly [number, number] {
  const [, rows, cols] = /^(\d+) (\d+)$/.exec(stty(fd, ["size"]) ?? "") ?? [];
  return [Number(rows ?? 0), Number(cols ?? 0)];
}

/** Keeps a descriptor from the programs that are started from now on, where this system has the call. */
export function closeOnExec(fd: number): void {
  calls()?.fcntl(fd, F_SETFD, "int", FD_CLOEXEC);
}

/** The foreground process group of a terminal; undefined where there is none. */
export function foregroundGroup(fd: number): number | undefined {
  const group = calls()?.tcgetpgrp(fd) ?? -1;
  return group > 0 ? group : undefined;
}
