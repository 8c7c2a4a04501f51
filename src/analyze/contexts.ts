// Who is at work on which machine, as OSC 3008 tells it: contexts (sudo, ssh, a container ...) that begin and end within each other.
import type { ShellMark } from "../terminal/index.js";

/** Contexts within each other at most; the innermost ones are then not seen. */
const MAX_CONTEXTS = 64;

/** A context begins or ends. */
export type ContextMark = ShellMark & { readonly kind: "contextStart" | "contextEnd" };

/** Contexts that only say that one command runs. */
export const COMMAND_CONTEXT = "command";

/** Follows the contexts of one recording. */
export class Contexts {
  readonly #open: { readonly id: string; fields: ReadonlyMap<string, string> }[] = [];

  /** The user of the innermost context that names one. */
  get user(): string | undefined {
    return this.#find("user");
  }

  /** The machine of the innermost context that names one. */
  get host(): string | undefined {
    return this.#find("hostname") ?? this.#find("targethost") ?? this.#find("container") ?? this.#find("vm");
  }

  /** A context begins, or says again what it is. */
  start({ id, fields }: ContextMark): void {
    const known = this.#open.find((context) => context.id === id);
    if (known !== undefined) known.fields = fields;
    else if (this.#open.length < MAX_CONTEXTS) this.#open.push({ id, fields });
  }

  /** A context is over, and with it all within. Gives its type, where it was known. */
  end(id: string): string | undefined {
    const at = this.#open.findLastIndex((context) => context.id === id);
    if (at < 0) return undefined;
    const [context] = this.#open.splice(at);
    return context?.fields.get("type");
  }

  #find(key: string): string | undefined {
    return this.#open.findLast(({ fields }) => fields.has(key))?.fields.get(key);
  }
}

/** How a command's context ended: its exit status, where it tells one. */
export function statusOf(fields: ReadonlyMap<string, string>): number | undefined {
  const status = fields.get("status");
  if (status !== undefined && /^[0-9]{1,10}$/.test(status)) return Number(status);
  return fields.get("exit") === "success" ? 0 : undefined;
}
