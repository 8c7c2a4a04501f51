// The peer of recording: a bare node-pty that reads a command's output and does nothing with it.
import { spawn } from "node-pty";

const pty = spawn("/bin/sh", ["-c", process.argv[2]], { encoding: null, cols: 80, rows: 24 });
pty.onData(() => {});
pty.onExit(({ exitCode }) => {
  process.exitCode = exitCode;
});
