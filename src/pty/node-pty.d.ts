// What is used of node-pty on Unix. The package's own typings are declared under another module
// name (it is an alias of @lydell/node-pty) and leave out the descriptor and the socket.
declare module "node-pty" {
  import type { Socket } from "node:net";

  export interface UnixTerminal {
    readonly pid: number;
    /** The master side. */
    readonly fd: number;
    /** The stream over the master side. */
    readonly _socket: Socket;
    onData(listener: (data: Buffer) => void): unknown;
    /** `signal` is 0 where none ended the child. */
    onExit(listener: (exit: { readonly exitCode: number; readonly signal: number }) => void): unknown;
    write(data: Uint8Array): void;
    resize(cols: number, rows: number): void;
    pause(): void;
    resume(): void;
  }

  export interface SpawnOptions {
    readonly cols: number;
    readonly rows: number;
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly name: string;
    /** What the output is decoded by. `utf8` also tells the terminal that its input is. */
    readonly encoding: "utf8";
  }

  export function spawn(file: string, args: string[], options: SpawnOptions): UnixTerminal;
}
