// t2a key: makes and shows the key that recordings are signed with.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fingerprint, loadPublicKey } from "../../src/security/index.js";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

describe("t2a key create", () => {
  it("makes the user's own key, and says what others need of it", async () => {
    const path = tempDir();
    const env = { XDG_CONFIG_HOME: path("config") };
    const { status, stdout, stderr } = await runCli(["key", "create"], { env });
    const file = path("config/t2a/key.pem");
    expect([status, stderr, statSync(file).mode & 0o777]).toEqual([0, "", 0o600]);
    const publicKey = loadPublicKey(`${file}.pub`);
    expect(stdout).toBe(
      `file         ${file}\nfingerprint  ${fingerprint(publicKey)}\npublic key   ${Buffer.from(publicKey).toString("base64")}\n`,
    );
    expect((await runCli(["key", "show"], { env })).stdout).toBe(stdout);
  });

  it("makes one where it is told to, and prints JSON", async () => {
    const path = tempDir();
    const { status, stdout } = await runCli(["key", "create", "--output", path("ci.pem"), "--json"]);
    expect(status).toBe(0);
    const publicKey = loadPublicKey(path("ci.pem"));
    expect(JSON.parse(stdout)).toEqual({
      file: path("ci.pem"),
      fingerprint: fingerprint(publicKey),
      publicKey: Buffer.from(publicKey).toString("base64"),
    });
  });

  it("never replaces a key", async () => {
    const path = tempDir();
    writeFileSync(path("key.pem"), "mine");
    const { status, stderr } = await runCli(["key", "create", "-o", path("key.pem")]);
    expect([status, stderr]).toEqual([
      1,
      `t2a: ${path("key.pem")} exists already: a key is never replaced; name another file\n`,
    ]);
    expect([readFileSync(path("key.pem"), "utf8"), existsSync(path("key.pem.pub"))]).toEqual(["mine", false]);
  });
});

describe("t2a key show", () => {
  it("shows the key of a file, either half, or of the settings, a ~ in them being the home folder", async () => {
    const path = tempDir();
    await runCli(["key", "create", "-o", path("a.pem")]);
    const shown = JSON.parse((await runCli(["key", "show", "--json", path("a.pem")])).stdout);
    const ofPublic = JSON.parse((await runCli(["key", "show", "--json", path("a.pem.pub")])).stdout);
    expect(ofPublic).toEqual({ ...shown, file: path("a.pem.pub") });
    const env = { HOME: path("."), T2A_RECORD_SIGN_KEY: "~/a.pem" };
    expect(JSON.parse((await runCli(["key", "show", "--json"], { env })).stdout).fingerprint).toBe(shown.fingerprint);
  });

  it("says what to do where there is none", async () => {
    const { status, stderr } = await runCli(["key", "show"], { env: { XDG_CONFIG_HOME: "/nonexistent" } });
    expect([status, stderr]).toEqual([1, "t2a: there is no key /nonexistent/t2a/key.pem: t2a key create makes one\n"]);
  });
});

describe("t2a key", () => {
  it("shows its commands where none is named", async () => {
    const { status, stderr } = await runCli(["key"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/create.*\n.*show/);
  });
});
