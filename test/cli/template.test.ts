// t2a template, as a user would try it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/run-cli.js";
import { tempDir } from "../support/temp-dir.js";

function setup() {
  const path = tempDir();
  const env = { HOME: path("home"), XDG_CONFIG_HOME: path("config") };
  const run = (args: readonly string[], stdin = "") => runCli(["template", ...args], { env, stdin });
  return { path, run, own: (name: string) => path(`config/t2a/templates/${name}.toml`) };
}

describe("t2a template", () => {
  it("adds one of options, shows it and what it extends, lists it, deletes it", async () => {
    const { run, own } = setup();
    const added = await run([
      ...["add", "tests", "-c", "npm test", "--cwd", "~/shop", "--env", "A=b=c", "--limit", "memory=2G"],
      ...["--limit", "wall_time=1h", "--tag", "shop", "--extends", "agent", "--description", "the tests"],
    ]);
    expect(added).toMatchObject({ status: 0, stdout: "" });
    expect(added.stderr).toContain(own("tests"));
    const shown = JSON.parse((await run(["show", "tests", "--json"])).stdout);
    expect(shown).toMatchObject({
      name: "tests",
      kind: "file",
      extends: "agent",
      template: {
        command: "npm test",
        cwd: "~/shop",
        size: "120x40",
        tags: ["agent", "shop"],
        env: { A: "b=c", PAGER: "cat" },
        limits: { memory: 2 * 1024 ** 3, wall_time: 3600 },
      },
    });
    const listed = await run(["ls"]);
    expect(listed.stdout).toMatch(/^NAME +FROM +EXTENDS +DESCRIPTION\nagent +t2a +- +a coding agent/);
    expect(listed.stdout).toContain("the tests");
    expect(await run(["rm", "tests"])).toMatchObject({ status: 0 });
    expect(existsSync(own("tests"))).toBe(false);
  });

  it("prints what it takes", async () => {
    const { run, own } = setup();
    const { stdout } = await run(["show", "agent"]);
    expect(await run(["add", "mine", "-"], stdout)).toMatchObject({ status: 0 });
    expect(readFileSync(own("mine"), "utf8")).toBe(stdout);
    expect((await run(["show", "mine"])).stdout.split("\n").slice(1)).toEqual(stdout.split("\n").slice(1));
  });

  it("refuses a file that says nothing", async () => {
    const { run, path, own } = setup();
    writeFileSync(path("empty.toml"), "");
    writeFileSync(path("comments.toml"), "# later\n\n");
    const reason = "line 1: it says nothing: a template has one key at least";
    for (const file of ["empty.toml", "comments.toml"]) {
      const { status, stderr } = await run(["add", "none", path(file)]);
      expect({ status, isSaid: stderr.includes(`${path(file)}: ${reason}`) }).toEqual({ status: 2, isSaid: true });
    }
    expect((await run(["add", "none", "-"])).stderr).toContain(`standard input: ${reason}`);
    expect(existsSync(own("none"))).toBe(false);
  });

  it("refuses a bad file by its line, and shows bad ones in the list", async () => {
    const { run, path, own } = setup();
    writeFileSync(path("bad.toml"), 'command = "x"\n\n[limits]\nmemory = "much"\n');
    const refused = await run(["add", "bad", path("bad.toml")]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain(`${path("bad.toml")}: line 4: limits.memory: not a size: "much"`);
    expect(existsSync(own("bad"))).toBe(false);
    mkdirSync(path("config/t2a/templates"), { recursive: true });
    writeFileSync(own("bad"), "nonsense = '\x1b[31m'\n");
    const listed = await run(["ls"]);
    expect(listed.stdout).toMatch(/^bad .*cannot be used/m);
    expect(listed.stderr).toContain(`${own("bad")}: line 1: Invalid TOML`);
    expect(JSON.parse((await run(["ls", "--json"])).stdout)).toContainEqual(
      expect.objectContaining({ name: "bad", problem: expect.stringContaining("line 1") }),
    );
    expect((await run(["show", "bad"])).status).toBe(2);
  });

  it.each([
    [["add", "x"], "nothing is said of the template x"],
    [["add", "x", "file.toml", "-c", "y"], "either in a file or in options"],
    [["add", "x", "--env", "A"], 'not NAME=VALUE: "A"'],
    [["add", "x", "--limit", "speed=1"], 'not a limit: "speed=1"'],
    [["add", "a/b", "-c", "y"], '"a/b" is no name of a template'],
    [["rm", "agent"], "comes with t2a and stays"],
    [["show", "nothing"], 'there is no template "nothing"'],
  ])("refuses %j", async (args, message) => {
    const { run } = setup();
    const { status, stderr } = await run(args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  it("replaces a file only where it is forced to", async () => {
    const { run, own } = setup();
    await run(["add", "x", "-c", "one"]);
    expect(await run(["add", "x", "-c", "two"])).toMatchObject({ status: 2 });
    expect(await run(["add", "x", "-c", "two", "--force", "--json"])).toMatchObject({ status: 0 });
    expect(readFileSync(own("x"), "utf8")).toBe('command = "two"\n');
    expect((await run(["add", "y", "no-such.toml"])).stderr).toContain("no-such.toml");
  });

  it("takes all that options can say, and says it again in every form", async () => {
    const { run, own, path } = setup();
    const said = [
      "-c",
      "bash",
      "--cwd",
      "~/x",
      "--size",
      "120x40",
      "--env",
      "A=1=2",
      "--tag",
      "ci",
      "--limit",
      "wall_time=1h",
    ];
    const all = [...said, "--capture-input", "--extends", "agent", "--description", "for \u001b[1mtests"];
    expect(await run(["add", "full", ...all])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(own("full")),
    });
    const { stdout } = await run(["show", "full", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      extends: "agent",
      template: {
        ...{ command: "bash", cwd: "~/x", size: "120x40", tags: ["agent", "ci"] },
        ...{ env: { A: "1=2" }, limits: { wall_time: 3600 }, recording: { capture_input: true } },
      },
    });
    expect((await run(["show", "full"])).stdout).toMatch(/^# full: .*, extends agent\n/);
    const listed = (await run(["ls"])).stdout;
    expect(listed).toMatch(/^full +\S+ +agent +for .*tests$/m);
    expect(listed).not.toContain("\u001b");
    expect((await run(["complete"])).stdout).toBe("agent\nfull\n");
    expect((await run(["complete", "--describe"])).stdout).toMatch(/^full\tfor /m);
    const file = path("mine.toml");
    writeFileSync(file, 'command = "sh"\n');
    for (const [args, message] of [
      [["add", "mine", file, "-c", "sh"], "either in a file or in options"],
      [["add", "mine"], "nothing is said of the template mine"],
      [["add", "mine", "--env", "=1"], "not NAME=VALUE"],
      [["add", "mine", "--limit", "speed=1"], "speed"],
      [["rm", "nobody"], "nobody"],
    ] as const)
      expect(await run(args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
    writeFileSync(file, `# ${"x".repeat(1024 * 1024)}\n`);
    expect(await run(["add", "mine", file])).toMatchObject({ status: 2, stderr: expect.stringContaining("too large") });
    expect(JSON.parse((await run(["rm", "full", "--json"])).stdout)).toMatchObject({ name: "full" });
  });
});
