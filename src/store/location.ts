// Where a store is, as a URL: parsed once, shown without its password.
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../core/index.js";

/** Where an S3-compatible store is. */
export interface S3Location {
  readonly driver: "s3";
  readonly bucket: string;
  /** Without slashes at its ends; may be empty. */
  readonly prefix: string;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** Where its index is; absent: in a local file. */
  readonly index: PostgresLocation | undefined;
}

/** Where a PostgreSQL store is. `url` holds the password: it is handed to the driver and to nobody else. */
export interface PostgresLocation {
  readonly driver: "postgres";
  readonly url: string;
}

/** Where a store is. */
export type StoreLocation =
  | { readonly driver: "files"; readonly folder: string }
  | { readonly driver: "sqlite"; readonly path: string }
  | PostgresLocation
  | S3Location
  | { readonly driver: "memory" };

const FORMS = "file:///folder, sqlite:///file.db, postgres://host/database or s3://bucket/prefix";

/**
 * Parses a store's URL; what is no URL is the path of a folder.
 * @throws UsageError `T2A_STORE_URL`; its message shows no password.
 */
export function parseStoreUrl(text: string): StoreLocation {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (text === "") throw unusable("a store's URL is empty");
    return { driver: "files", folder: resolve(text) };
  }
  switch (scheme) {
    case "file":
      return { driver: "files", folder: pathOf(text) };
    case "sqlite":
      return { driver: "sqlite", path: pathOf(text.replace(/^sqlite:/i, "file:")) };
    case "postgres":
    case "postgresql":
      return postgres(text);
    case "s3":
      return s3(text);
    case "memory":
      return { driver: "memory" };
    default:
      throw unusable(`${scheme}: is no store`);
  }
}

/**
 * The URL as may be shown and logged: without a password, and without what else is secret in it. Parsed again it is the same
 * location but for that.
 */
export function visibleStoreUrl(location: StoreLocation): string {
  switch (location.driver) {
    case "files":
      return `file://${escaped(location.folder)}`;
    case "sqlite":
      return `sqlite://${escaped(location.path)}`;
    case "postgres":
      return withoutSecrets(location.url);
    case "s3": {
      const { bucket, prefix, endpoint, region, index } = location;
      const options = [
        ...(endpoint === undefined ? [] : [`endpoint=${escaped(withoutSecrets(endpoint))}`]),
        ...(region === undefined ? [] : [`region=${escaped(region)}`]),
        ...(index === undefined ? [] : [`index=${escaped(withoutSecrets(index.url))}`]),
      ];
      const more = options.length === 0 ? "" : `?${options.join("&")}`;
      return `s3://${bucket}${prefix === "" ? "" : `/${escaped(prefix)}`}${more}`;
    }
    case "memory":
      return "memory:";
  }
}

/** What would be taken for another part of a URL, and what its parser leaves out, by their numbers; all else as people read it. */
function escaped(text: string): string {
  return text.replace(/[%?#&+\\\u0000-\u001f\u007f]| +$/g, encodeURIComponent);
}

function withoutSecrets(url: string): string {
  const parsed = new URL(url);
  parsed.password = "";
  for (const key of [...parsed.searchParams.keys()]) {
    if (/pass|secret|key|token/i.test(key)) parsed.searchParams.delete(key);
  }
  return parsed.href;
}

function pathOf(url: string): string {
  try {
    // `file:x` would be taken for the root's.
    const path = /^file:\//i.test(url) ? fileURLToPath(url) : "";
    if (isAbsolute(path) && path !== "/" && !path.includes("\0")) return path;
  } catch {
    // said below
  }
  throw unusable("the path in a store's URL is to be absolute");
}

function postgres(text: string): PostgresLocation {
  let parsed: URL;
  try {
    parsed = new URL(text);
  } catch {
    throw unusable("the postgres URL cannot be read");
  }
  if (parsed.pathname.length < 2) throw unusable("the postgres URL names no database");
  return { driver: "postgres", url: text };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, and the underscores of older ones. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/;

function s3(text: string): S3Location {
  let parsed: URL;
  try {
    parsed = new URL(text);
  } catch {
    throw unusable("the s3 URL cannot be read");
  }
  // The host of an URL of no known scheme is not made lower case.
  const bucket = parsed.host;
  if (bucket === "") throw unusable("the s3 URL names no bucket");
  if (!BUCKET.test(bucket)) throw unusable(`"${bucket.slice(0, 100)}" is no name of an s3 bucket`);
  const known = new Set(["endpoint", "region", "index"]);
  for (const key of parsed.searchParams.keys()) {
    if (!known.has(key)) throw unusable(`?${key}= means nothing in an s3 URL; there are endpoint, region and index`);
  }
  const endpoint = parsed.searchParams.get("endpoint") ?? undefined;
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint)) {
    throw unusable("the endpoint of an s3 URL is to begin with http:// or https://");
  }
  const index = parsed.searchParams.get("index");
  if (index !== null && !/^postgres(ql)?:/i.test(index))
    throw unusable("the index of an s3 URL can be postgres://... only");
  return {
    driver: "s3",
    bucket,
    prefix: decoded(parsed.pathname).replace(/^\/+|\/+$/g, ""),
    endpoint,
    region: parsed.searchParams.get("region") ?? undefined,
    index: index === null ? undefined : postgres(index),
  };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw unusable("the path of the s3 URL has a % that is no character");
  }
}

function unusable(what: string): UsageError {
  return new UsageError(`${what}: a store is ${FORMS}`, { code: "T2A_STORE_URL" });
}
