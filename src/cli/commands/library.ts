// t2a library: everything that is kept. One file a subcommand in library/, and a line here.
import type { Command } from "commander";
import type { CommandContext } from "../context.js";
import { registerAdd } from "./library/add.js";
import { registerCollect } from "./library/collect.js";
import { registerComplete } from "./library/complete.js";
import { registerDoctor } from "./library/doctor.js";
import { registerExists } from "./library/exists.js";
import { registerExport } from "./library/export.js";
import { registerFsck } from "./library/fsck.js";
import { registerImport } from "./library/import.js";
import { registerLs } from "./library/ls.js";
import { registerMigrate } from "./library/migrate.js";
import { registerOpen } from "./library/open.js";
import { registerPrune } from "./library/prune.js";
import { registerReindex } from "./library/reindex.js";
import { registerRename } from "./library/rename.js";
import { registerRm } from "./library/rm.js";
import { registerShow } from "./library/show.js";
import { registerStats } from "./library/stats.js";
import { registerTag } from "./library/tag.js";
import { registerUndelete } from "./library/undelete.js";
import { registerSearch } from "./search.js";

/** Registers one subcommand of `t2a library`. */
type RegisterSubcommand = (library: Command, context: CommandContext) => void;

/** In the order help shows them. */
const SUBCOMMANDS: readonly RegisterSubcommand[] = [
  registerLs,
  registerShow,
  registerOpen,
  registerSearch,
  registerAdd,
  registerTag,
  registerRename,
  registerRm,
  registerUndelete,
  registerExists,
  registerStats,
  registerPrune,
  registerExport,
  registerImport,
  registerMigrate,
  registerReindex,
  registerFsck,
  registerDoctor,
  registerCollect,
  registerComplete,
];

/** Registers the command. */
export function registerLibrary(program: Command, context: CommandContext): void {
  const library = program
    .command("library")
    .summary("keep, find and move recordings and sessions")
    .description(
      "Everything that is kept: sessions and their recordings, in a store of files unless --store says otherwise.",
    )
    .addHelpText(
      "after",
      `
Stores (--store, else T2A_STORE, else store.url of t2a config, else files in $XDG_DATA_HOME/t2a):
  file:///folder                           a folder, or just its path
  sqlite:///file.db                        everything in one file
  postgres://user@host/database            PostgreSQL
  s3://bucket/prefix?endpoint=https://...  S3 and what is compatible with it

t2a ls, show, rm and search are short for those of t2a library.

Examples:
  t2a library add ~/recordings
  t2a library ls --since 7d --failed
  t2a library search 'connection refused'
  t2a library export backup.tar.zst
  t2a library ls --store sqlite:///srv/t2a.db`,
    );
  for (const register of SUBCOMMANDS) register(library, context);
}
