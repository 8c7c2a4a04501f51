// One prefix of a bucket on an S3 server, through the AWS SDK, which is loaded at first use. Every call is one request, bounded in
// time; `retrying` does it again. Bodies are bytes in memory, so that each can be sent again.
// https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html
import { createHash, getFips } from "node:crypto";
import type { Readable } from "node:stream";
import type { PutObjectCommandInput, S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { StoreError } from "../../core/index.js";
import { aborted, throwIfAborted } from "../aborted.js";
import type { S3Location } from "../location.js";
import { retry } from "../retry.js";
import { S3Failure, s3Failure } from "./s3-failure.js";

/** How long and how often. Times in milliseconds. */
export interface S3Times {
  /** Until a connection stands; 10 s by default. */
  readonly connectMs?: number | undefined;
  /** Without a byte in either direction; 20 s by default. */
  readonly idleMs?: number | undefined;
  /** Tries altogether; 8 by default. The SDK's own are turned off. */
  readonly tries?: number | undefined;
  /** No try begins later than this; 60 s by default. */
  readonly totalMs?: number | undefined;
  /** The longest wait before the second try, doubled with each further one; 100 by default. */
  readonly firstWaitMs?: number | undefined;
}

/** How a bucket is reached. */
export interface S3BucketOptions {
  readonly times?: S3Times | undefined;
  /** Wall clock that requests are dated by, milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** What the server says of an object. */
export interface S3Object {
  /** Without quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
  /** Whole seconds, as milliseconds since 1970, by the server's clock. */
  readonly modifiedAtMs: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What must hold for a put to be done: that there is none, or the one with that ETag. */
export type PutCondition = { readonly isNew: true } | { readonly etag: string };

/** An upload in parts that has been begun. */
export interface S3Upload {
  readonly key: string;
  readonly uploadId: string;
}

/** A part of an upload that the server has. */
export interface S3Part {
  readonly number: number;
  readonly etag: string;
}

interface SignalOption {
  readonly signal?: AbortSignal | undefined;
}

type Sdk = typeof import("@aws-sdk/client-s3");

const MAX_WAIT_MS = 4000;
/** Putting the parts of a long file together takes servers a while. */
const COMPLETE_IDLE_FACTOR = 6;
const MAX_KEY_BYTES = 1024;
/** What comes behind the prefix: `sessions/`, an id, a name. */
const MAX_OWN_KEY_BYTES = 170;

/** A bucket and a prefix in it. Errors: {@link S3Failure}, T2aError `T2A_ABORTED`. Whoever makes it closes it. */
export class S3Bucket {
  readonly #location: S3Location;
  readonly #sdk: Sdk;
  readonly #client: S3Client;
  readonly #patientClient: S3Client;
  readonly #times: Required<{ [Key in keyof S3Times]: number }>;
  /** ETags are named in quotes, as the standard says, until a server turns out to want them bare. */
  #isQuoting = true;
  #canCompleteConditionally = true;
  /** The Date header of the last answer, milliseconds since 1970. */
  #serverDateMs: number | undefined;

  private constructor(location: S3Location, sdk: Sdk, { times = {}, now }: S3BucketOptions) {
    this.#location = location;
    this.#sdk = sdk;
    this.#times = {
      connectMs: times.connectMs ?? 10_000,
      idleMs: times.idleMs ?? 20_000,
      tries: times.tries ?? 8,
      totalMs: times.totalMs ?? 60_000,
      firstWaitMs: times.firstWaitMs ?? 100,
    };
    const config = configOf(location);
    if (now !== undefined) config.systemClockOffset = now() - Date.now();
    const { connectMs: connectionTimeout, idleMs } = this.#times;
    const client = (socketTimeout: number): S3Client =>
      quietly(() => new sdk.S3Client({ ...config, requestHandler: { connectionTimeout, socketTimeout } }));
    this.#client = client(idleMs);
    this.#patientClient = client(idleMs * COMPLETE_IDLE_FACTOR);
    this.#client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { headers } = result.response as { readonly headers?: Readonly<Record<string, string>> };
        const date = Date.parse(headers?.date ?? "");
        if (!Number.isNaN(date)) this.#serverDateMs = date;
        return result;
      },
      { step: "deserialize", name: "t2aServerDate" },
    );
  }

  /** Connects to nothing yet. @throws StoreError `T2A_STORE_UNAVAILABLE` where the prefix is too long. */
  static async open(location: S3Location, options: S3BucketOptions = {}): Promise<S3Bucket> {
    if (Buffer.byteLength(location.prefix) > MAX_KEY_BYTES - MAX_OWN_KEY_BYTES) {
      throw new StoreError(
        "T2A_STORE_UNAVAILABLE",
        `the prefix in the store's URL is longer than ${MAX_KEY_BYTES - MAX_OWN_KEY_BYTES} bytes: choose a shorter one`,
      );
    }
    return new S3Bucket(location, await import("@aws-sdk/client-s3"), options);
  }

  /** The server's clock when it answered last, milliseconds since 1970; undefined where it does not say. */
  get serverDateMs(): number | undefined {
    return this.#serverDateMs;
  }

  /** Does the task, and again where the server or the way to it failed for a moment. */
  async retrying<Result>(
    task: (tryNumber: number) => Promise<Result>,
    { signal, tries }: SignalOption & { readonly tries?: number } = {},
  ): Promise<Result> {
    try {
      return await retry(task, {
        isTransient: (error) => error instanceof S3Failure && error.isTransient,
        tries: tries ?? this.#times.tries,
        firstWaitMs: this.#times.firstWaitMs,
        maxWaitMs: MAX_WAIT_MS,
        maxTotalMs: this.#times.totalMs,
        signal,
      });
    } catch (error) {
      throwIfAborted(signal);
      throw error;
    }
  }

  /** Undefined where there is no such object. */
  async head(key: string, { signal }: SignalOption = {}): Promise<S3Object | undefined> {
    const input = { Bucket: this.#location.bucket, Key: this.#key(key) };
    return await this.#found(async () => {
      const output = await this.#client.send(new this.#sdk.HeadObjectCommand(input), under(signal));
      return objectOf(output, output.ContentLength);
    }, signal);
  }

  /**
   * The object, or bytes of it from `start` on, at most `length`; undefined where there is no such object or no such byte. The
   * body is to be read to its end or destroyed; its errors are the SDK's: see {@link failureOf}.
   */
  async get(
    key: string,
    { start = 0, length, signal }: SignalOption & { readonly start?: number; readonly length?: number } = {},
  ): Promise<{ readonly object: S3Object; readonly body: Readable } | undefined> {
    const isRange = start > 0 || length !== undefined;
    const end = length === undefined ? "" : Math.min(start + length - 1, Number.MAX_SAFE_INTEGER);
    const input = {
      Bucket: this.#location.bucket,
      Key: this.#key(key),
      ...(isRange ? { Range: `bytes=${start}-${end}` } : {}),
    };
    return await this.#found(async () => {
      const output = await this.#client.send(new this.#sdk.GetObjectCommand(input), under(signal));
      const body = output.Body as Readable;
      // "bytes 0-9/100"
      const [, first, all] = /^bytes (\d+)-\d+\/(\d+)$/.exec(output.ContentRange ?? "") ?? [];
      if (isRange && Number(first) !== start) {
        body.destroy();
        throw this.#strange("gave another part of an object than it was asked for");
      }
      return { object: objectOf(output, isRange ? Number(all) : output.ContentLength), body };
    }, signal);
  }

  /** A small object whole; `onTooLarge` gives what is thrown where it is none. */
  async getSmall(
    key: string,
    { maxBytes, onTooLarge, signal }: SignalOption & { readonly maxBytes: number; readonly onTooLarge: () => Error },
  ): Promise<{ readonly object: S3Object; readonly bytes: Buffer } | undefined> {
    const found = await this.get(key, { signal });
    if (found === undefined) return undefined;
    const { object, body } = found;
    const chunks: Uint8Array[] = [];
    let length = 0;
    try {
      for await (const chunk of body) {
        length += (chunk as Uint8Array).length;
        if (length > maxBytes) break;
        chunks.push(chunk as Uint8Array);
      }
    } catch (error) {
      throw this.failureOf(error, signal);
    } finally {
      body.destroy();
    }
    if (length > maxBytes) throw onTooLarge();
    if (length !== object.sizeBytes) throw this.failureOf(cutShort(), signal);
    return { object, bytes: Buffer.concat(chunks) };
  }

  /** Puts an object whole, where the condition holds. Gives its ETag. */
  async put(
    key: string,
    body: Uint8Array,
    {
      condition,
      metadata = {},
      type,
      signal,
    }: SignalOption & {
      readonly condition: PutCondition;
      readonly metadata?: Readonly<Record<string, string>>;
      readonly type: string;
    },
  ): Promise<string> {
    const input: PutObjectCommandInput = {
      Bucket: this.#location.bucket,
      Key: this.#key(key),
      Body: body,
      ContentLength: body.length,
      ContentType: type,
      Metadata: { ...metadata },
      ...md5Of(body),
      ...("isNew" in condition ? { IfNoneMatch: "*" } : { IfMatch: this.#named(condition.etag) }),
    };
    return await this.#asking(async () => {
      const { ETag } = await this.#client.send(new this.#sdk.PutObjectCommand(input), under(signal));
      return this.#etagOf(ETag);
    }, signal);
  }

  /** From now on ETags are named the other way: in quotes, or without. */
  changeQuoting(): void {
    this.#isQuoting = !this.#isQuoting;
  }

  /** Deletes the object; where an ETag is given, only that one (servers that do not know the condition delete any). */
  async delete(key: string, { etag, signal }: SignalOption & { readonly etag?: string } = {}): Promise<void> {
    const input = {
      Bucket: this.#location.bucket,
      Key: this.#key(key),
      ...(etag === undefined ? {} : { IfMatch: this.#named(etag) }),
    };
    await this.#asking(async () => {
      await this.#client.send(new this.#sdk.DeleteObjectCommand(input), under(signal));
    }, signal);
  }

  /** Objects whose keys begin so, by ascending key, without metadata. Keys are without the store's prefix. */
  async *list(prefix: string, { signal }: SignalOption = {}): AsyncGenerator<{ readonly key: string } & S3Object> {
    const own = this.#key("");
    let last = "";
    let token: string | undefined;
    do {
      const input = { Bucket: this.#location.bucket, Prefix: this.#key(prefix), ContinuationToken: token };
      const page = await this.retrying(
        () => this.#asking(() => this.#client.send(new this.#sdk.ListObjectsV2Command(input), under(signal)), signal),
        { signal },
      );
      for (const { Key = "", ETag, Size, LastModified } of page.Contents ?? []) {
        // Who merges lists relies on the order, and a list that begins anew would never end.
        if (!Key.startsWith(own) || !isBehind(Key, last)) throw this.#strange("lists objects out of order");
        last = Key;
        throwIfAborted(signal);
        yield { key: Key.slice(own.length), ...objectOf({ ETag, LastModified }, Size) };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** Begins an upload in parts: nothing is seen of it before it is completed. */
  async beginUpload(
    key: string,
    {
      metadata,
      type,
      signal,
    }: SignalOption & { readonly metadata: Readonly<Record<string, string>>; readonly type: string },
  ): Promise<S3Upload> {
    const input = { Bucket: this.#location.bucket, Key: this.#key(key), Metadata: { ...metadata }, ContentType: type };
    return await this.#asking(async () => {
      const output = await this.#client.send(new this.#sdk.CreateMultipartUploadCommand(input), under(signal));
      if (output.UploadId === undefined) throw this.#strange("began an upload without a name");
      return { key, uploadId: output.UploadId };
    }, signal);
  }

  /** Uploads a part, numbered from 1. Gives its ETag. */
  async uploadPart(
    { key, uploadId }: S3Upload,
    number: number,
    body: Uint8Array,
    { signal }: SignalOption = {},
  ): Promise<S3Part> {
    const input = {
      Bucket: this.#location.bucket,
      Key: this.#key(key),
      UploadId: uploadId,
      PartNumber: number,
      Body: body,
      ContentLength: body.length,
      ...md5Of(body),
    };
    return await this.#asking(async () => {
      const { ETag } = await this.#client.send(new this.#sdk.UploadPartCommand(input), under(signal));
      return { number, etag: this.#etagOf(ETag) };
    }, signal);
  }

  /** Makes an object of the parts, where there is none of that key (servers that do not know the condition replace it). */
  async completeUpload(
    { key, uploadId }: S3Upload,
    parts: readonly S3Part[],
    { signal }: SignalOption = {},
  ): Promise<void> {
    const complete = async (isConditional: boolean): Promise<void> => {
      const input = {
        Bucket: this.#location.bucket,
        Key: this.#key(key),
        UploadId: uploadId,
        MultipartUpload: { Parts: parts.map(({ number, etag }) => ({ PartNumber: number, ETag: `"${etag}"` })) },
        ...(isConditional ? { IfNoneMatch: "*" } : {}),
      };
      await this.#asking(async () => {
        await this.#patientClient.send(new this.#sdk.CompleteMultipartUploadCommand(input), under(signal));
      }, signal);
    };
    if (!this.#canCompleteConditionally) return await complete(false);
    try {
      await complete(true);
    } catch (error) {
      if (!(error instanceof S3Failure && error.isUnknownToServer)) throw error;
      this.#canCompleteConditionally = false;
      await complete(false);
    }
  }

  /** Gives up an upload and its parts; nothing where it is over. */
  async abortUpload({ key, uploadId }: S3Upload, { signal }: SignalOption = {}): Promise<void> {
    const input = { Bucket: this.#location.bucket, Key: this.#key(key), UploadId: uploadId };
    try {
      await this.#asking(async () => {
        await this.#client.send(new this.#sdk.AbortMultipartUploadCommand(input), under(signal));
      }, signal);
    } catch (error) {
      if (!(error instanceof S3Failure && error.isMissing)) throw error;
    }
  }

  /** Uploads that were begun and are not over, of keys that begin so. */
  async *listUploads(
    prefix: string,
    { signal }: SignalOption = {},
  ): AsyncGenerator<S3Upload & { readonly begunAtMs: number | undefined }> {
    const own = this.#key("");
    let KeyMarker: string | undefined;
    let UploadIdMarker: string | undefined;
    for (;;) {
      const input = { Bucket: this.#location.bucket, Prefix: this.#key(prefix), KeyMarker, UploadIdMarker };
      const page = await this.retrying(
        () =>
          this.#asking(
            () => this.#client.send(new this.#sdk.ListMultipartUploadsCommand(input), under(signal)),
            signal,
          ),
        { signal },
      );
      for (const { Key = "", UploadId, Initiated } of page.Uploads ?? []) {
        if (!Key.startsWith(own) || UploadId === undefined) continue;
        yield { key: Key.slice(own.length), uploadId: UploadId, begunAtMs: Initiated?.getTime() };
      }
      const isSame = page.NextKeyMarker === KeyMarker && page.NextUploadIdMarker === UploadIdMarker;
      if (!page.IsTruncated || page.NextKeyMarker === undefined || isSame) return;
      KeyMarker = page.NextKeyMarker;
      UploadIdMarker = page.NextUploadIdMarker;
    }
  }

  /** What an error means that came while a body was read. */
  failureOf(error: unknown, signal?: AbortSignal): Error {
    if (signal?.aborted) return aborted(signal);
    return s3Failure(error, this.#location);
  }

  /** Idempotent. */
  close(): void {
    this.#client.destroy();
    this.#patientClient.destroy();
  }

  #key(name: string): string {
    const { prefix } = this.#location;
    return prefix === "" ? name : `${prefix}/${name}`;
  }

  #named(etag: string): string {
    return this.#isQuoting ? `"${etag}"` : etag;
  }

  #etagOf(etag: string | undefined): string {
    if (etag === undefined) throw this.#strange("gave no ETag");
    return bare(etag);
  }

  #strange(what: string): S3Failure {
    return s3Failure(
      new S3Failure(
        `the server of the bucket ${this.#location.bucket} ${what}: it cannot keep a store (docs/stores.md)`,
        {
          reason: "strange",
        },
      ),
      this.#location,
    );
  }

  async #asking<Result>(ask: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    throwIfAborted(signal);
    try {
      return await ask();
    } catch (error) {
      throw this.failureOf(error, signal);
    }
  }

  async #found<Result>(ask: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result | undefined> {
    try {
      return await this.#asking(ask, signal);
    } catch (error) {
      if (error instanceof S3Failure && (error.isMissing || error.details.status === 416)) return undefined;
      throw error;
    }
  }
}

function configOf({ endpoint, region }: S3Location): S3ClientConfig {
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = process.env;
  const server = endpoint ?? (AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL || undefined);
  // Servers other than Amazon's have one region, mostly, and do not ask for its name.
  const place = region ?? (AWS_REGION || AWS_DEFAULT_REGION || (server === undefined ? undefined : "us-east-1"));
  return {
    ...(place === undefined ? {} : { region: place }),
    ...(server === undefined ? { followRegionRedirects: true } : { endpoint: server, forcePathStyle: true }),
    maxAttempts: 1,
    // Content-MD5 is sent with everything that is put: all servers know that one.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  };
}

/** The SDK warns of versions of Node.js that its later releases will not run on, which is nothing to users of this one. */
function quietly<Result>(make: () => Result): Result {
  const previous = process.env[NO_WARNING];
  process.env[NO_WARNING] = "true";
  try {
    return make();
  } finally {
    if (previous === undefined) delete process.env[NO_WARNING];
    else process.env[NO_WARNING] = previous;
  }
}

const NO_WARNING = "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED";

/** Servers list by the bytes of keys. */
function isBehind(key: string, other: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(other)) > 0;
}

function under(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** What the server holds a body against. None where the machine's rules forbid MD5. */
function md5Of(body: Uint8Array): { readonly ContentMD5?: string } {
  if (getFips() !== 0) return {};
  return { ContentMD5: createHash("md5").update(body).digest("base64") };
}

/** A body that ended before its end, as the network says it. */
export function cutShort(): Error {
  return Object.assign(new Error("the body ended too soon"), { code: "ERR_STREAM_PREMATURE_CLOSE" });
}

function bare(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}

function objectOf(
  output: {
    readonly ETag?: string | undefined;
    readonly LastModified?: Date | undefined;
    readonly Metadata?: Record<string, string> | undefined;
  },
  sizeBytes: number | undefined,
): S3Object {
  return {
    etag: bare(output.ETag ?? ""),
    sizeBytes: sizeBytes ?? 0,
    // Lists are more exact than headers are.
    modifiedAtMs: Math.floor((output.LastModified?.getTime() ?? 0) / 1000) * 1000,
    metadata: output.Metadata ?? {},
  };
}
