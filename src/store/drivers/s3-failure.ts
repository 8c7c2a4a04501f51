// What went wrong with an S3 server, in one line for people, and whether it may be over in a moment.
import { StoreError, systemCode } from "../../core/index.js";
import type { S3Location } from "../location.js";

/** A failure of the server or of the way to it. `details.reason` is the server's code, the system's, or the HTTP status. */
export class S3Failure extends StoreError {
  /** It may be over in a moment; what was asked for may have been done or not. */
  readonly isTransient: boolean;
  /** The server found that what was demanded of an object (If-Match, If-None-Match) does not hold: nothing was done. */
  readonly isRefused: boolean;
  /** There is no such object, or no such upload. */
  readonly isMissing: boolean;
  /** The server does not know how to do this. */
  readonly isUnknownToServer: boolean;

  constructor(message: string, { reason, status, cause, isTransient = false }: S3FailureOptions) {
    super("T2A_STORE_UNAVAILABLE", message, {
      cause,
      details: { reason, ...(status === undefined ? {} : { status }) },
    });
    this.name = "StoreError";
    this.isTransient = isTransient;
    this.isRefused = status === 412;
    this.isMissing = status === 404 && reason !== "NoSuchBucket";
    this.isUnknownToServer = status === 501;
  }
}

interface S3FailureOptions {
  readonly reason: string;
  readonly status?: number | undefined;
  readonly cause?: unknown;
  readonly isTransient?: boolean;
}

/** Codes of failures of the network that come and go. */
const NETWORK: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENETUNREACH",
  "ENETDOWN",
  "EHOSTUNREACH",
  "EHOSTDOWN",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

/** Codes of answers below 500 that ask to try again: too slow, garbled on the way, another writer at the same moment, a wrong clock (the SDK corrects it). */
const TRY_AGAIN: ReadonlySet<string> = new Set([
  "RequestTimeout",
  "SlowDown",
  "TooManyRequests",
  "OperationAborted",
  "ConditionalRequestConflict",
  "ConcurrentModification",
  "IncompleteBody",
  "BadDigest",
  "XAmzContentSHA256Mismatch",
  "RequestTimeTooSkewed",
]);

const KEYS_WRONG: ReadonlySet<string> = new Set([
  "InvalidAccessKeyId",
  "SignatureDoesNotMatch",
  "InvalidToken",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
]);
const OTHER_REGION: ReadonlySet<string> = new Set([
  "PermanentRedirect",
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
  "TemporaryRedirect",
]);

const SET_KEYS = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE";

/** Says what an error of the SDK means. Nothing of it is secret, and nothing in it is a server's own words but its code. */
export function s3Failure(error: unknown, { bucket, endpoint }: S3Location): S3Failure {
  if (error instanceof S3Failure) return error;
  const { name, code, status, region } = partsOf(error);
  const server = endpoint === undefined ? "Amazon S3" : `the S3 server ${hostOf(endpoint)}`;
  const failure = (message: string, isTransient = false): S3Failure =>
    new S3Failure(message, { reason: code ?? name ?? "unknown", status, cause: error, isTransient });
  if (status !== undefined) {
    const what = code ?? `status ${status}`;
    if (code === "RequestTimeTooSkewed") {
      return failure(`${server} refused the request: this machine's clock and the server's differ too much`, true);
    }
    if (status >= 500 && status !== 501) return failure(`${server} failed (${what}): try again later`, true);
    if (status === 429 || status === 408 || status === 409 || (code !== undefined && TRY_AGAIN.has(code))) {
      return failure(`${server} asked to try again later (${what})`, true);
    }
    if (code === "NoSuchBucket") {
      return failure(`${server} has no bucket ${bucket}: create it, or name another one in the store's URL`);
    }
    if (code === "ExpiredToken" || code === "ExpiredTokenException") {
      return failure(`the credentials for ${server} have expired: get new ones`);
    }
    if (code !== undefined && KEYS_WRONG.has(code)) {
      return failure(`${server} does not accept the credentials (${code}): ${SET_KEYS}`);
    }
    if (status === 301 || status === 307 || (code !== undefined && OTHER_REGION.has(code))) {
      const which = region === undefined ? "another region" : `the region ${region}`;
      return failure(`the bucket ${bucket} is in ${which}: add ?region=${region ?? "NAME"} to the store's URL`);
    }
    if (status === 401 || status === 403) {
      return failure(
        `${server} denies access to the bucket ${bucket} (${what}): the credentials need the permissions that docs/stores.md lists`,
      );
    }
    if (status === 412) return failure(`${server} refused a conditional request`);
    if (status === 404) return failure(`${server} has no such object in the bucket ${bucket} (${what})`);
    return failure(
      `${server} refused the request (${what}): is it a server of the S3 kind, and does it know what docs/stores.md requires?`,
    );
  }
  if (name !== undefined && /CredentialsProvider|TokenProvider/.test(name)) {
    return failure(`there are no credentials for ${server}: ${SET_KEYS}`);
  }
  if (isRegionMissing(error))
    return failure(`no region is set for ${server}: add ?region=NAME to the store's URL, or set AWS_REGION`);
  if (code === "ENOTFOUND")
    return failure(`${server} is unknown to the network (ENOTFOUND): check the endpoint in the store's URL`);
  if (code !== undefined && (NETWORK.has(code) || code.startsWith("HPE_"))) {
    return failure(`${server} could not be reached, or hung up (${code}): check the network, then try again`, true);
  }
  if (name === "TimeoutError")
    return failure(`${server} did not answer in time: check the network, then try again`, true);
  return failure(
    `${server} gave no answer that S3 servers give (${code ?? name ?? "unknown"}): check the endpoint in the store's URL`,
  );
}

/** What the SDK tells of an error, as far as it is what it should be: the codes come from the server. */
function partsOf(error: unknown): { name?: string; code?: string; status?: number; region?: string } {
  if (!(error instanceof Error)) return {};
  const { $metadata, $response, Code, Region } = error as {
    $metadata?: { httpStatusCode?: unknown };
    $response?: { statusCode?: unknown; headers?: Record<string, unknown> };
    Code?: unknown;
    Region?: unknown;
  };
  const status = [$metadata?.httpStatusCode, $response?.statusCode].find((value) => typeof value === "number");
  const name = wordOf(error.name);
  const isAnswer = typeof status === "number" && status >= 300;
  const code = isAnswer ? (codeOf(Code) ?? codeOf(name)) : systemCode(error);
  const region = wordOf(Region ?? $response?.headers?.["x-amz-bucket-region"]);
  return {
    ...(name === undefined ? {} : { name }),
    ...(code === undefined ? {} : { code }),
    ...(isAnswer ? { status } : {}),
    ...(region === undefined ? {} : { region }),
  };
}

function wordOf(value: unknown): string | undefined {
  return typeof value === "string" && /^[A-Za-z][A-Za-z0-9._-]{0,63}$/.test(value) ? value : undefined;
}

/** A code of a server's; the SDK has words of its own for such as gave none. */
function codeOf(value: unknown): string | undefined {
  const word = wordOf(value);
  return word === undefined || /^(Error|Unknown|UnknownError)$/.test(word) ? undefined : word;
}

function isRegionMissing(error: unknown): boolean {
  return error instanceof Error && /^Region is missing/.test(error.message);
}

/** The endpoint as may be shown: host and port. */
function hostOf(endpoint: string): string {
  try {
    return new URL(endpoint).host;
  } catch {
    return "that was named";
  }
}
