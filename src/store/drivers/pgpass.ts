// The password file of PostgreSQL's own clients. https://www.postgresql.org/docs/current/libpq-pgpass.html
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What a line of the file is for. */
export interface PasswordKey {
  /** `localhost` for a Unix socket. */
  readonly host: string;
  readonly port: string;
  readonly database: string;
  readonly user: string;
}

/** A longer file is none; bytes. */
const MAX_BYTES = 1024 * 1024;

/** The first password that the file has for it: `$PGPASSFILE` or `~/.pgpass`. A file that others can read is not used. */
export function findPassword(key: PasswordKey, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const path = env.PGPASSFILE || join(env.HOME || homedir(), ".pgpass");
  let text: string;
  try {
    const { mode, size } = statSync(path);
    if ((mode & 0o077) !== 0 || size > MAX_BYTES) return undefined;
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const [host, port, database, user, ...password] = fieldsOf(line);
    const isMatch = [host, port, database, user].every((field, i) => {
      return field === "*" || field === [key.host, key.port, key.database, key.user][i];
    });
    if (isMatch && password.length > 0) return password.join(":");
  }
  return undefined;
}

/** Fields are parted by colons; a backslash takes the next character as it is. */
function fieldsOf(line: string): string[] {
  const fields = [""];
  for (const part of line.match(/\\?./gsu) ?? []) {
    if (part === ":") fields.push("");
    else fields[fields.length - 1] += part.length > 1 && part.startsWith("\\") ? part.slice(1) : part;
  }
  return fields;
}
