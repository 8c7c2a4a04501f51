// t2a key: the key that recordings are signed with.
import type { Command } from "commander";
import type { CommandContext } from "../context.js";
import { configuredKeyPath, ownKeyPath } from "../keys.js";

/** Registers the command. */
export function registerKey(program: Command, context: CommandContext): void {
  const key = program
    .command("key")
    .summary("make or show the key that recordings are signed with")
    .description(
      "Makes or shows an Ed25519 key. t2a record --sign and t2a convert --sign sign .t2r files with it, t2a verify says who\nsigned. The file is for you alone; what others need to check your signatures is the public key or its fingerprint.",
    );
  key
    .command("create")
    .summary("make a key")
    .description(
      "Makes a key and writes it to FILE, and the public key to FILE.pub. Neither may exist. Without --output it is the key\nthat --sign takes: key.pem in $XDG_CONFIG_HOME/t2a (~/.config/t2a).",
    )
    .option("-o, --output <file>", "where to")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a key create\n  t2a key create --output ci.pem --json | jq -r .fingerprint")
    .action((options: KeyOptions) => create(options, context));
  key
    .command("show")
    .summary("show a key's fingerprint and its public half")
    .description(
      "Shows the key in FILE, private or public, else the one that --sign takes: of record.sign_key (t2a config), else\nkey.pem in $XDG_CONFIG_HOME/t2a (~/.config/t2a).",
    )
    .argument("[file]", "PEM file")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  t2a key show\n  t2a key show colleague.pem.pub")
    .action((file: string | undefined, options: KeyOptions) => show(file, options, context));
  key.addHelpText("after", "\nExamples:\n  t2a key create\n  t2a record --sign demo.t2r\n  t2a verify demo.t2r");
}

interface KeyOptions {
  readonly output?: string;
  readonly json?: boolean;
}

async function create({ output, json }: KeyOptions, context: CommandContext): Promise<void> {
  const { createKey } = await import("../../security/index.js");
  const file = output ?? (await ownKeyPath(context));
  await tell(file, createKey(file).publicKey, json === true, context);
}

async function show(file: string | undefined, { json }: KeyOptions, context: CommandContext): Promise<void> {
  const { loadPublicKey } = await import("../../security/index.js");
  const path = file ?? (await configuredKeyPath(context)) ?? (await ownKeyPath(context));
  await tell(path, loadPublicKey(path), json === true, context);
}

async function tell(file: string, publicKey: Uint8Array, asJson: boolean, context: CommandContext): Promise<void> {
  const { fingerprint } = await import("../../security/index.js");
  const { visibleText } = await import("../../terminal/index.js");
  const shown = { file, fingerprint: fingerprint(publicKey), publicKey: Buffer.from(publicKey).toString("base64") };
  if (asJson) return context.printJson(shown);
  context.print(`file         ${visibleText(shown.file)}`);
  context.print(`fingerprint  ${shown.fingerprint}`);
  context.print(`public key   ${shown.publicKey}`);
}
