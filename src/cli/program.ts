// The commands of t2a, assembled. Adding one is a file in commands/ and a line here.
import { Command } from "commander";
import { registerAgent } from "./commands/agent.js";
import { registerAnalyze } from "./commands/analyze.js";
import { registerCat } from "./commands/cat.js";
import { registerCommands } from "./commands/commands.js";
import { registerCompare } from "./commands/compare.js";
import { registerCompletion } from "./commands/completion.js";
import { registerConfig } from "./commands/config.js";
import { registerConvert } from "./commands/convert.js";
import { registerCut } from "./commands/cut.js";
import { registerDaemon } from "./commands/daemon.js";
import { registerFormats } from "./commands/formats.js";
import { registerGrep } from "./commands/grep.js";
import { registerImportHistory } from "./commands/import-history.js";
import { registerInfo } from "./commands/info.js";
import { registerInspect } from "./commands/inspect.js";
import { registerKey } from "./commands/key.js";
import { registerLs } from "./commands/library/ls.js";
import { registerRm } from "./commands/library/rm.js";
import { registerShow } from "./commands/library/show.js";
import { registerLibrary } from "./commands/library.js";
import { registerMarker } from "./commands/marker.js";
import { registerOutput } from "./commands/output.js";
import { registerPlay } from "./commands/play.js";
import { registerRecord } from "./commands/record.js";
import { registerRecover } from "./commands/recover.js";
import { registerRun } from "./commands/run.js";
import { registerScreen } from "./commands/screen.js";
import { registerSearch } from "./commands/search.js";
import { registerSession } from "./commands/session.js";
import { registerShellInit } from "./commands/shell-init.js";
import { registerState } from "./commands/state.js";
import { registerTemplate } from "./commands/template.js";
import { registerVerify } from "./commands/verify.js";
import type { CommandContext } from "./context.js";
import { fitHelp } from "./help-text.js";
import { resolveReferences } from "./references.js";

/** Registers one command. Heavy modules are imported by its action, so that `t2a --version` stays quick. */
export type RegisterCommand = (program: Command, context: CommandContext) => void;

/** Every command, in the order help shows them. */
const COMMANDS: readonly RegisterCommand[] = [
  registerRecord,
  registerRun,
  (program, context) => registerPlay(program, context),
  registerLs,
  registerShow,
  registerRm,
  registerLibrary,
  registerSession,
  registerAgent,
  registerState,
  registerConvert,
  registerCut,
  registerCat,
  registerMarker,
  registerInfo,
  registerScreen,
  registerSearch,
  registerGrep,
  registerCommands,
  registerOutput,
  registerCompare,
  registerImportHistory,
  registerAnalyze,
  registerVerify,
  registerRecover,
  registerInspect,
  registerKey,
  registerDaemon,
  registerTemplate,
  registerFormats,
  registerConfig,
  registerShellInit,
  registerCompletion,
];

/** The whole command line. */
export function createProgram(context: CommandContext): Command {
  const { io } = context;
  const program = new Command("t2a")
    .description(
      "Record a terminal with complete fidelity, keep what was recorded, play it back, move it between formats.",
    )
    .version(io.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .showHelpAfterError("(t2a help COMMAND shows what it takes)")
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(fitHelp(text, io.stdout.columns ?? 100)),
      writeErr: (text) => void io.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, "t2a: ")),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .addHelpText(
      "after",
      `
Examples:
  t2a record                        record your shell until it exits
  t2a play @last                    play it back
  t2a ls                            what was recorded
  t2a record demo.cast              record into a file
  t2a convert demo.cast demo.ttyrec move it to another format
  t2a info demo.cast                what is in it`,
    );
  for (const register of COMMANDS) register(program, context);
  resolveReferences(program, context);
  return program;
}
