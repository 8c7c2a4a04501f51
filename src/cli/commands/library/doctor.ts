// t2a library doctor: whether everything that the library needs is as it should be.
import type { Command } from "commander";
import { counted } from "../../../core/index.js";
import type { Examination } from "../../../library/index.js";
import type { CommandContext } from "../../context.js";
import { errorText } from "../../error-text.js";
import { interruptibly } from "../../interruption.js";
import { shellWord } from "../../shell-word.js";
import { addStoreOption, openStoreOf, type StoreOption } from "../../store-option.js";

interface DoctorOptions extends StoreOption {
  readonly json?: boolean;
}

/** Registers the command. */
export function registerDoctor(parent: Command, context: CommandContext): void {
  const command = parent
    .command("doctor")
    .summary("check what the library needs: folders, disk, locks, server")
    .description(
      "Looks at what the library stands on, and says what to do: the data folder, its rights and its disk, locks, the clock, " +
        "libraries, the store and how it keeps writers apart, what waits in the spool, the index. A session and a file are put " +
        "into the store for a moment. t2a library fsck looks at what is kept.",
    );
  addStoreOption(command)
    .option("--json", "print an array of what was looked at: name, state (ok, note, wrong), detail")
    .addHelpText(
      "after",
      `
Exit status: 0 where nothing is wrong, else 1.

Examples:
  t2a library doctor
  t2a library doctor --store postgres://db.example.org/t2a --json | jq '.[] | select(.state == "wrong")'`,
    )
    .action((options: DoctorOptions) =>
      interruptibly(
        (status) => context.exit(status),
        (signal) => doctor(options, context, signal),
      ),
    );
}

async function doctor(options: DoctorOptions, context: CommandContext, signal: AbortSignal): Promise<void> {
  const { examineSurroundings } = await import("../../surroundings.js");
  const { userDataFolder } = await import("../../../config/index.js");
  const all: Examination[] = [...(await examineSurroundings(userDataFolder(context.io.env), context.io.version))];
  all.push(...(await examineOpened(options, context, signal)), await examineSpool(options, context));
  if (all.some(({ state }) => state === "wrong")) context.exit(1);
  if (options.json) return context.printJson(all);
  const { plainTable } = await import("../../table.js");
  const { visibleText } = await import("../../../terminal/index.js");
  context.print(
    plainTable(
      ["check", "state", "detail"],
      all.map(({ name, state, detail }) => [name, state, visibleText(detail)]),
    ),
  );
}

async function examineOpened(
  options: DoctorOptions,
  context: CommandContext,
  signal: AbortSignal,
): Promise<readonly Examination[]> {
  const { examineStore } = await import("../../../library/index.js");
  try {
    const store = await openStoreOf(options, context, { mustExist: true });
    try {
      return await examineStore(store, { signal });
    } finally {
      await store.close();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    const isMissing = error instanceof Error && "code" in error && error.code === "T2A_STORE_NOT_FOUND";
    return [{ name: "store", state: isMissing ? "note" : "wrong", detail: errorText(error) }];
  }
}

async function examineSpool(options: DoctorOptions, context: CommandContext): Promise<Examination> {
  const { openSpool, shownLocation } = await import("../../open-library.js");
  const spool = await openSpool(context);
  const strays = spool.strays();
  if (strays.length > 0) {
    const detail = `nothing says which library these recordings are for: ${strays.join(", ")}: t2a library add takes them in`;
    return { name: "spool", state: "wrong", detail };
  }
  const entries = spool.isEmpty ? [] : spool.entries();
  const own = await shownLocation(options, context);
  const waiting = entries.filter(({ isActive }) => !isActive).map(({ note }) => note.store);
  const details: string[] = [];
  for (const store of [...new Set(waiting)].sort()) {
    const count = waiting.filter((other) => other === store).length;
    const what = counted(count, "recording waits", "recordings wait");
    const [where, how] = store === own ? ["the store", ""] : [store, ` --store ${shellWord(store)}`];
    details.push(`${what} to be moved into ${where}: t2a library collect${how} does it, or says why not`);
  }
  if (details.length > 1) details.push("t2a library collect --all does all of that");
  if (details.length > 0) return { name: "spool", state: "note", detail: details.join("; ") };
  return { name: "spool", state: "ok", detail: `nothing waits, ${entries.length} at work` };
}
