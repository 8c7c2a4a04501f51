// Signing: t2a record --sign, t2a convert --sign, and what t2a verify then says.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadPublicKey } from "../../src/security/index.js";
import { pollUntil } from "../support/poll-until.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

const T2A = fileURLToPath(new URL("../../bin/t2a.js", import.meta.url));
const demo = fileURLToPath(new URL("../../fixtures/demo.json", import.meta.url));

/** A folder, the user's own key in it, and its fingerprint. */
async function withKey() {
  const path = tempDir();
  const env: Record<string, string> = { XDG_CONFIG_HOME: path("config") };
  const { stdout } = await runCli(["key", "create", "--json"], { env });
  const { file, fingerprint } = JSON.parse(stdout) as { file: string; fingerprint: string };
  const verified = async (name: string) => (await runCli(["verify", path(name)])).stdout;
  const record = async (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    await runCli(["record", "-q", "--headless", "-c", "printf hi", ...args], { env: { ...env, ...more } });
  return { path, env, file, fingerprint, verified, record };
}

describe("record --sign", () => {
  it("signs with the user's own key, with the one that is named, or with the one of the settings", async () => {
    const { path, file, fingerprint, verified, record } = await withKey();
    expect((await record(["--sign", path("own.t2r")])).status).toBe(0);
    expect(await verified("own.t2r")).toBe(`intact, signed by ${fingerprint}\n`);
    expect(existsSync(path("own.t2r-journal"))).toBe(false);
    const named = JSON.parse((await runCli(["key", "create", "--json", "-o", path("ci.pem")])).stdout).fingerprint;
    await record(["--sign-key", path("ci.pem"), path("named.t2r")], { T2A_RECORD_SIGN_KEY: file });
    expect(await verified("named.t2r")).toBe(`intact, signed by ${named}\n`);
    await record([path("set.t2r")], { T2A_RECORD_SIGN_KEY: path("ci.pem") });
    expect(await verified("set.t2r")).toBe(`intact, signed by ${named}\n`);
    await record(["--no-sign", path("unset.t2r")], { T2A_RECORD_SIGN_KEY: path("ci.pem") });
    expect(await verified("unset.t2r")).toBe("intact, unsigned\n");
    const { stdoutBytes } = await record(["--sign", "-f", "t2r", "-"]);
    expect((await runCli(["verify", "-"], { stdin: stdoutBytes })).stdout).toBe(`intact, signed by ${fingerprint}\n`);
  });

  it("is refused for other formats and without a key, and leaves no file; a setting stands in nobody's way", async () => {
    const { path, env, record } = await withKey();
    expect(await record(["--sign", path("x.cast")])).toMatchObject({
      status: 2,
      stderr: "t2a: asciicast-v3 cannot be signed: --sign is for .t2r\n",
    });
    expect(await record(["--sign-key", path("none.pem"), path("x.t2r")])).toMatchObject({
      status: 1,
      stderr: `t2a: there is no key ${path("none.pem")}: t2a key create makes one\n`,
    });
    expect([existsSync(path("x.cast")), existsSync(path("x.t2r"))]).toEqual([false, false]);
    expect((await record([path("y.cast")], { ...env, T2A_RECORD_SIGN_KEY: path("none.pem") })).status).toBe(0);
  });

  it("proves what a killed recorder had, with the journal beside the file", async () => {
    const { path, env, file, fingerprint, verified } = await withKey();
    const recorder = spawn(
      process.execPath,
      [T2A, "record", "-q", "--headless", "--sign", "-c", "printf hi; exec sleep 100", path("killed.t2r")],
      { env: { ...process.env, ...env }, stdio: "ignore" },
    );
    onTestFinished(() => void recorder.kill("SIGKILL"));
    const journal = path("killed.t2r-journal");
    const publicKey = Buffer.from(loadPublicKey(`${file}.pub`));
    await pollUntil(
      "a signature in the journal",
      () => existsSync(journal) && readFileSync(journal).includes(publicKey),
    );
    recorder.kill("SIGKILL");
    expect((await runCli(["convert", "-q", path("killed.t2r"), path("whole.t2r")])).status).toBe(0);
    expect(await verified("whole.t2r")).toBe(`intact, signed by ${fingerprint}\n`);
  });
});

describe("convert --sign", () => {
  it("signs what it writes, and keeps signatures that still hold", async () => {
    const { path, env, fingerprint, verified } = await withKey();
    expect((await runCli(["convert", "-q", "--sign", demo, path("a.t2r")], { env })).status).toBe(0);
    expect(await verified("a.t2r")).toBe(`intact, signed by ${fingerprint}\n`);
    expect((await runCli(["convert", path("a.t2r"), path("b.t2r")])).stderr).toBe("");
    expect(await verified("b.t2r")).toBe(`intact, signed by ${fingerprint}\n`);
    const cut = await runCli(["convert", "--to", "50%", path("a.t2r"), path("c.t2r")]);
    expect(cut.stderr).toContain("lost 1 signature");
    expect(await verified("c.t2r")).toBe("intact, unsigned\n");
    expect((await runCli(["convert", "--sign", demo, path("a.cast")], { env })).status).toBe(2);
  });
});
