// t2a completion: prints a completion script for a shell, generated from the commands themselves so that it cannot lag.
import { type Command, Option } from "commander";
import { UsageError } from "../../core/index.js";
import type { CommandContext } from "../context.js";
import { type OfferedValues, offeredValues } from "../offered-values.js";
import { oneOf } from "../parse.js";
import { completerOf } from "../references.js";

/** Registers the command. */
export function registerCompletion(program: Command, context: CommandContext): void {
  program
    .command("completion")
    .summary("print a completion script for bash, zsh or fish")
    .description("Prints a script that completes t2a's commands, options and files.")
    .addArgument(oneOf("<shell>", "whose completion it is", ["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      `
Examples:
  eval "$(t2a completion bash)"                                   in ~/.bashrc
  eval "$(t2a completion zsh)"                                    in ~/.zshrc, after compinit
  t2a completion fish > ~/.config/fish/completions/t2a.fish`,
    )
    .action((shell: string) => context.print(completionScript(shell, program)));
}

type Completer = NonNullable<ReturnType<typeof completerOf>> | "template";

interface CommandWords {
  readonly names: readonly string[];
  readonly summary: string;
  /** What may come first: commands of its own, whose options stand among `options`, or what its first argument may be. */
  readonly firstWords: readonly string[];
  /** Who tells of the sessions that may be named among its arguments, and those of commands of its own. */
  readonly completer: Completer | undefined;
  readonly ownCompleters: readonly { readonly own: string; readonly completer: Completer }[];
  readonly options: readonly {
    readonly flags: readonly string[];
    readonly description: string;
    readonly takesValue: boolean;
    readonly choices: readonly string[];
    readonly offered: OfferedValues | undefined;
  }[];
  /** Options whose values are offered, of which of its own commands each is. */
  readonly offers: readonly {
    readonly own: readonly string[];
    readonly flag: string;
    readonly offered: OfferedValues;
  }[];
}

/**
 * The script for a shell.
 * @throws UsageError for a shell t2a has none for.
 */
export function completionScript(shell: string, program: Command): string {
  const generate = GENERATORS[shell];
  if (generate === undefined) throw new UsageError(`no completion for "${shell}": use bash, zsh or fish`);
  return generate(program.commands.map(wordsOf));
}

function wordsOf(command: Command): CommandWords {
  const own = command.commands.filter((subcommand) => !isHidden(subcommand));
  const all = [command, ...own].flatMap(({ options }) => options);
  const byFlags = new Map([...all, new Option("-h, --help", "show help")].map((option) => [option.flags, option]));
  return {
    names: [command.name(), ...command.aliases()],
    summary: command.summary(),
    firstWords: [...own.map((subcommand) => subcommand.name()), ...(command.registeredArguments[0]?.argChoices ?? [])],
    completer: completerFor(command),
    ownCompleters: own.flatMap((subcommand) => {
      const completer = completerFor(subcommand);
      if (completer === undefined) return [];
      return [subcommand.name(), ...subcommand.aliases()].map((name) => ({ own: name, completer }));
    }),
    options: [...byFlags.values()]
      .filter((option) => !option.hidden)
      .map((option) => ({
        flags: [option.short, option.long].filter((flag) => flag !== undefined && flag !== null),
        description: option.description.split("\n")[0] ?? "",
        takesValue: option.required || option.optional,
        choices: option.argChoices ?? [],
        offered: offeredValues(option),
      })),
    offers: own.flatMap((subcommand) =>
      subcommand.options.flatMap((option) => {
        const offered = offeredValues(option);
        if (offered === undefined || option.long == null) return [];
        return [{ own: [subcommand.name(), ...subcommand.aliases()], flag: option.long, offered }];
      }),
    ),
  };
}

function completerFor({ registeredArguments }: Command): Completer | undefined {
  const completers = registeredArguments.map(
    (argument): Completer | undefined =>
      completerOf(argument) ?? (offeredValues(argument) === "template" ? "template" : undefined),
  );
  return completers.find((completer) => completer !== undefined);
}

/** Commander keeps that to itself; its own help leaves such commands out. */
function isHidden(command: Command): boolean {
  return (command as Command & { readonly _hidden?: boolean })._hidden === true;
}

/** The command that lists what each completes, without options that say how. */
const COMPLETERS: Readonly<Record<Completer, string>> = {
  library: "library complete",
  trash: "library complete --deleted",
  session: "session complete",
  template: "template complete",
};
/** What names no files. */
const NO_FILES: readonly Completer[] = ["session", "template"];
const COMPLETER_NAMES = Object.keys(COMPLETERS) as Completer[];

/** Where a completer is meant, as patterns of a command and one of its own. */
function placesOf(commands: readonly CommandWords[], completer: Completer): readonly string[] {
  return commands.flatMap(({ names, completer: its, ownCompleters }) => [
    ...(its === completer ? names.map((name) => `${name}:*`) : []),
    ...ownCompleters
      .filter((each) => each.completer === completer)
      .flatMap(({ own }) => names.map((name) => `${name}:${own}`)),
  ]);
}

const GENERATORS: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = { bash, zsh, fish };

/** File names are left to bash (`-o default`), which knows how to quote them. */
function bash(commands: readonly CommandWords[]): string {
  const cases = commands.map(({ names, options, firstWords }) => {
    const own = firstWords.length > 0 ? ` own="${firstWords.join(" ")}"` : "";
    return `    ${names.join("|")}) words="${options.flatMap(({ flags }) => flags).join(" ")}"${own} ;;`;
  });
  const references = COMPLETER_NAMES.map((completer) => {
    const places = placesOf(commands, completer);
    if (places.length === 0) return "";
    // Where nothing is typed yet files are offered, by bash, unless it can be none.
    const when = NO_FILES.includes(completer) ? "" : '[ -n "$cur" ] && ';
    return `          ${places.join("|")}) ${when}COMPREPLY=($(compgen -W "$(t2a ${COMPLETERS[completer]} 2>/dev/null)" -- "$cur")) ;;\n`;
  }).join("");
  const values = commands.flatMap(({ names, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .map(({ flags, choices }) => {
        const places = names.flatMap((name) => flags.map((flag) => `${name}:${flag}`));
        return `    ${places.join("|")}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$cur")); return ;;`;
      }),
  );
  const offers = commands.flatMap(({ names, offers: all }) =>
    all.map(({ own, flag, offered }) => {
      const places = names.flatMap((name) => own.map((one) => `${name}:${one}:${flag}`));
      const words = offered === "template" ? `$(t2a ${COMPLETERS.template} 2>/dev/null)` : offered.join(" ");
      const space = offered === "template" ? "" : " compopt -o nospace 2>/dev/null;";
      return `    ${places.join("|")}) COMPREPLY=($(compgen -W "${words}" -- "$cur"));${space} return ;;`;
    }),
  );
  return `# bash completion for t2a
_t2a() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words="" own=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.flatMap(({ names }) => names).join(" ")} help --version --help" -- "$cur"))
    return
  fi
  case \${COMP_WORDS[1]}:\${COMP_WORDS[2]}:$prev in
${offers.join("\n")}
    *) ;;
  esac
  case \${COMP_WORDS[1]}:$prev in
${values.join("\n")}
    *) ;;
  esac
  case \${COMP_WORDS[1]} in
${cases.join("\n")}
  esac
  case $cur in
    -*) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    *) COMPREPLY=(); [ "$COMP_CWORD" -eq 2 ] && COMPREPLY=($(compgen -W "$own" -- "$cur"))
      if [ -z "\${COMPREPLY[*]}" ] && [ "$COMP_CWORD" -ge 2 ]; then
        case \${COMP_WORDS[1]}:\${COMP_WORDS[2]} in
${references}        esac
      fi ;;
  esac
}
complete -o bashdefault -o default -F _t2a t2a`;
}

function zsh(commands: readonly CommandWords[]): string {
  const quote = (text: string) => text.replace(/[[\]:'"\\$`]/g, " ").trim();
  const names = commands.flatMap(({ names: all, summary }) => all.map((name) => `    '${name}:${quote(summary)}'`));
  const cases = commands.map(({ names: all, options, firstWords, completer, ownCompleters }) => {
    const hasSessions = completer !== undefined || ownCompleters.length > 0;
    const rest = hasSessions ? "'*:session:_t2a_sessions'" : "'*:file:_files'";
    const specs = options.flatMap(({ flags, description, takesValue, choices, offered }) => {
      if (offered === "template")
        return flags.map((flag) => `'${flag}[${quote(description)}]:template:_t2a_templates'`);
      const words = offered ?? choices;
      const value = words.length > 0 ? `:value:(${words.join(" ")})` : takesValue ? ":value:_files" : "";
      return flags.map((flag) => `'${flag}[${quote(description)}]${value}'`);
    });
    const first = firstWords.length > 0 ? [`'1:command:(${firstWords.join(" ")})'`] : [];
    return `    ${all.join("|")}) _arguments ${[...specs, ...first, rest].join(" ")} ;;`;
  });
  const others = COMPLETER_NAMES.map((completer) => {
    const places = placesOf(commands, completer);
    const files = NO_FILES.includes(completer) ? "; files=()" : "";
    return places.length === 0 ? "" : `    ${places.join("|")}) complete=(${COMPLETERS[completer]})${files} ;;\n`;
  }).join("");
  return `#compdef t2a
_t2a_sessions() {
  local -a sessions complete files
  complete=(${COMPLETERS.library})
  files=('files:file:_files')
  case $words[1]:$words[2] in
${others}  esac
  sessions=(\${(f)"$(t2a $complete 2>/dev/null)"})
  _alternative 'sessions:session:compadd -a sessions' $files
}
_t2a_templates() {
  local -a templates
  templates=(\${(f)"$(t2a ${COMPLETERS.template} 2>/dev/null)"})
  compadd -a templates
}
_t2a() {
  local -a commands
  commands=(
${names.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
compdef _t2a t2a`;
}

function fish(commands: readonly CommandWords[]): string {
  const quote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap(({ names, summary, options, firstWords, completer: its, ownCompleters }) => [
    ...COMPLETER_NAMES.flatMap((completer) => {
      const own = ownCompleters.filter((each) => each.completer === completer).map((each) => each.own);
      if (its !== completer && own.length === 0) return [];
      const where = own.length > 0 ? `; and __fish_seen_subcommand_from ${own.join(" ")}` : "";
      return [
        `complete -c t2a -n '__fish_seen_subcommand_from ${names.join(" ")}${where}'${completer === "trash" ? " -f" : ""} -a '(t2a ${COMPLETERS[completer]} --describe 2>/dev/null)'`,
      ];
    }),
    ...names.map((name) => `complete -c t2a -n __fish_use_subcommand -f -a ${name} -d ${quote(summary)}`),
    ...firstWords.map(
      (name) =>
        `complete -c t2a -n '__fish_seen_subcommand_from ${names.join(" ")}; and not __fish_seen_subcommand_from ${firstWords.join(" ")}' -f -a ${name}`,
    ),
    ...options.map(({ flags, description, takesValue, choices, offered }) => {
      const switches = flags
        .map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
        .join(" ");
      const words = offered ?? choices;
      const value =
        words === "template"
          ? ` -x -a '(t2a ${COMPLETERS.template} --describe 2>/dev/null)'`
          : words.length > 0
            ? ` -x -a ${quote(words.join(" "))}`
            : takesValue
              ? " -r"
              : "";
      return `complete -c t2a -n '__fish_seen_subcommand_from ${names.join(" ")}' ${switches} -d ${quote(description)}${value}`;
    }),
  ]);
  return `# fish completion for t2a\n${lines.join("\n")}`;
}
