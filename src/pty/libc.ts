// The calls of the C library that Node lacks, through koffi: termios, window size, process groups, reads without waiting.
import { createRequire } from "node:module";

/** The calls, as libc declares them; -1 (or NULL) where one failed. */
export interface LibC {
  tcgetattr(fd: number, termios: Buffer): number;
  tcsetattr(fd: number, actions: number, termios: Buffer): number;
  cfmakeraw(termios: Buffer): void;
  tcgetpgrp(fd: number): number;
  ioctl(fd: number, request: number, type: "void *", argument: Buffer): number;
  /** At most `size` bytes into `buffer`. */
  read(fd: number, buffer: Uint8Array, size: number): number;
}

/** Loaded at the first call: most commands never touch a terminal. `null`: this system has no koffi or not these calls. */
let loaded: LibC | null | undefined;

/** The calls; undefined where this system does not have them. */
export function libC(): LibC | undefined {
  if (loaded === undefined) loaded = load();
  return loaded ?? undefined;
}

function load(): LibC | null {
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
      read: libc.func("long read(int fd, void *buffer, size_t size)"),
    };
  } catch {
    return null; // no binary of koffi for this machine: callers go without
  }
}
