// t2a session: live terminals, and what became of them. One file a subcommand in session/, and a line here.
import type { Command } from "commander";
import type { CommandContext } from "../context.js";
import { registerAttach } from "./session/attach.js";
import { registerCheckpoint, registerCheckpoints } from "./session/checkpoint.js";
import { registerClients } from "./session/clients.js";
import { registerComplete } from "./session/complete.js";
import { registerDetach } from "./session/detach.js";
import { registerInfo } from "./session/info.js";
import { registerKeyboard } from "./session/keyboard.js";
import { registerKill } from "./session/kill.js";
import { registerLs } from "./session/ls.js";
import { registerMark } from "./session/mark.js";
import { registerNew } from "./session/new.js";
import { registerPauseRecording, registerResumeRecording } from "./session/recording.js";
import { registerRecover } from "./session/recover.js";
import { registerRename } from "./session/rename.js";
import { registerResize } from "./session/resize.js";
import { registerRestore, registerResume } from "./session/resume.js";
import { registerRm } from "./session/rm.js";
import { registerRun } from "./session/run.js";
import { registerScreen } from "./session/screen.js";
import { registerSend } from "./session/send.js";
import { registerSwitch } from "./session/switch.js";
import { registerTop } from "./session/top.js";
import { registerWait } from "./session/wait.js";

/** Registers one subcommand of `t2a session`. */
type RegisterSubcommand = (session: Command, context: CommandContext) => void;

/** In the order help shows them. */
const SUBCOMMANDS: readonly RegisterSubcommand[] = [
  registerNew,
  registerLs,
  registerAttach,
  registerSwitch,
  registerDetach,
  registerInfo,
  registerTop,
  registerScreen,
  registerSend,
  registerRun,
  registerWait,
  registerRename,
  registerResize,
  registerMark,
  registerPauseRecording,
  registerResumeRecording,
  registerClients,
  registerKeyboard,
  registerCheckpoint,
  registerCheckpoints,
  registerResume,
  registerRestore,
  registerRecover,
  registerKill,
  registerRm,
  registerComplete,
];

/** Registers the command. */
export function registerSession(program: Command, context: CommandContext): void {
  const session = program
    .command("session")
    .summary("terminals that live on: start, attach, watch and steer them")
    .description(
      "Sessions are terminals that live on when nobody looks at them. Each is recorded, and stands in the library (t2a ls).",
    )
    .addHelpText(
      "after",
      `
A session is named by its id, by a beginning of it that no other has, or by its name. Inside of a session T2A_SESSION names it, and is
what commands mean that are given none.

Examples:
  t2a session new -n build            a shell that lives on; ^] then d leaves it
  t2a session attach build            back to it
  t2a session new -n test -c 'make test' --detach
  t2a session wait test --exit --timeout 600
  t2a session run build -- make       type a command, print its output, exit with its status
  t2a session screen build            what it shows
  t2a session ls`,
    );
  for (const register of SUBCOMMANDS) register(session, context);
}
