// A real server of the S3 kind for tests: Ceph's radosgw, with the smallest cluster there can be behind it (one monitor, one disk in
// memory), in a folder of its own, on free ports. All of it ends when the test's process ends, however that ends. Starting takes some
// seconds: one a test file.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { missing } from "./programs.js";

/** Debian's packages radosgw, ceph-mon, ceph-osd and ceph-common, installed with --no-install-recommends. */
const PROGRAMS = ["radosgw", "radosgw-admin", "ceph-mon", "ceph-osd", "ceph"];

/** Why there can be no server here; undefined where there can. */
export const s3Missing: string | undefined = PROGRAMS.map(missing).find((reason) => reason !== undefined);

// The SDK's remark on the version of Node.js is nothing to tests.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** Who may use a server. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A running server. */
export interface S3Server {
  readonly port: number;
  readonly endpoint: string;
  /** Of the one user there is, whose the bucket is. */
  readonly keys: S3Keys;
  /** Ours for looking at what is there; closed with the server. */
  readonly client: S3Client;
  /** A bucket that is there. */
  readonly bucket: string;
  /** A prefix that no test has used before. */
  newPrefix(): string;
  /** Ends it and removes its folder. */
  close(): Promise<void>;
}

const KEYS: S3Keys = { accessKeyId: "T2ATESTKEY", secretAccessKey: "s3cret/of+the=tests" };
const BUCKET = "t2a-tests";

/**
 * Starts everything, says so, and ends everything when its input ends: with the process that started it, whatever ends that. All of it is
 * one process group. A disk that fails to start is started again: on a busy machine it may ask before it knows whom.
 */
const GUARD = `
cd "$1" || exit 1
export CEPH_CONF="$1/ceph.conf"
prepare() {
  monmaptool --create --clobber --fsid "$2" --addv a "[v1:127.0.0.1:$3]" monmap &&
    ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *' &&
    ceph-mon --mkfs -i a --monmap monmap --keyring keyring || return
  ceph-mon -i a -f &
  ceph --connect-timeout 30 osd new "$4" && ceph-osd -i 0 --mkfs --osd-uuid "$4" || return
  (until ceph-osd -i 0 -f; do sleep 0.2; done) &
  radosgw-admin -n client.rgw user create --uid=tests --display-name=tests --access-key="$5" --secret-key="$6" || return
  radosgw -n client.rgw -f &
  until (: <"/dev/tcp/127.0.0.1/$7"); do sleep 0.05; done
}
set -m
(prepare "$@" >>out 2>&1 </dev/null && echo ready || echo failed) &
read word
kill -9 -- -$!
cd /
rm -rf "$1"
`;

/** Starts a server with a bucket in it. Whoever starts it closes it. */
export async function startS3(): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), "t2a-s3-"));
  const [monPort, port] = [await freePort(), await freePort()];
  const fsid = randomUUID();
  for (const name of ["mon", "osd", "rgw"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "ceph.conf"), configOf(folder, fsid, monPort, port));
  const args = [folder, fsid, String(monPort), randomUUID(), KEYS.accessKeyId, KEYS.secretAccessKey, String(port)];
  const guard = spawn("/bin/bash", ["-c", GUARD, "guard", ...args], { stdio: ["pipe", "pipe", "ignore"] });
  guard.stdin.on("error", () => {});
  const endpoint = `http://127.0.0.1:${port}`;
  const client = clientOf(endpoint);
  const close = async (): Promise<void> => {
    client.destroy();
    await endOf(guard, () => guard.stdin.end());
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
  };
  try {
    const said = await new Promise<string>((done) => {
      guard.stdout.once("data", (text: Buffer) => done(text.toString()));
      guard.once("exit", () => done("it ended"));
    });
    if (said !== "ready\n") throw new Error(`the S3 server does not start (${said.trim()}): ${logOf(folder)}`);
    await makeBucket(client);
  } catch (error) {
    await close();
    throw error;
  }
  let prefixes = 0;
  return { port, endpoint, keys: KEYS, client, bucket: BUCKET, newPrefix: () => `tests/${++prefixes}`, close };
}

function configOf(folder: string, fsid: string, monPort: number, port: number): string {
  const settings = {
    fsid,
    "mon host": `[v1:127.0.0.1:${monPort}]`,
    "public network": "127.0.0.0/8",
    "auth cluster required": "none",
    "auth service required": "none",
    "auth client required": "none",
    monmap: `${folder}/monmap`,
    "osd class update on start": false,
    "osd pool default size": 1,
    "osd pool default min size": 1,
    "osd pool default pg num": 1,
    "osd pool default pgp num": 1,
    "osd pool default pg autoscale mode": "off",
    "mon allow pool size one": true,
    "osd crush chooseleaf type": 0,
    "osd objectstore": "memstore",
    "memstore device bytes": 1024 ** 3,
    "run dir": folder,
    "log file": `${folder}/$name.log`,
    "admin socket": `${folder}/$name.asok`,
    "pid file": "",
    "crash dir": folder,
    "mon data": `${folder}/mon`,
    "osd data": `${folder}/osd`,
    "mon cluster log file": `${folder}/cluster.log`,
    "mon data avail crit": 1,
    "mon data avail warn": 2,
    "mon max pg per osd": 2000,
    "ms bind ipv6": false,
    "ms bind msgr2": false,
    keyring: `${folder}/keyring`,
    "paxos propose interval": 0.1,
    "rgw data": `${folder}/rgw`,
    "rgw frontends": `beast endpoint=127.0.0.1:${port}`,
    "rgw run sync thread": false,
    "rgw enable quota threads": false,
    "rgw thread pool size": 64,
    // What is deleted gives its memory back soon.
    "rgw gc obj min wait": 1,
    "rgw gc processor period": 5,
  };
  return `[global]\n${Object.entries(settings)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join("")}`;
}

function clientOf(endpoint: string): S3Client {
  return new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: KEYS,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

async function makeBucket(client: S3Client): Promise<void> {
  const { CreateBucketCommand } = await import("@aws-sdk/client-s3");
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
}

async function endOf(child: ChildProcess, end: () => void): Promise<void> {
  if (child.exitCode !== null) return;
  await new Promise<void>((done) => {
    child.once("exit", () => done());
    end();
  });
}

function logOf(folder: string): string {
  try {
    return readFileSync(join(folder, "out"), "utf8").slice(-2000);
  } catch {
    return "";
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("there is no free port");
  return address.port;
}
