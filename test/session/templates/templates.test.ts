// Templates: where they stand, what they say over each other, and what is told of those that cannot be used.
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { loadSettings } from "../../../src/config/index.js";
import { parseLimits, Templates, templatePlaces, toTable } from "../../../src/session/index.js";
import { BUILT_IN_TEMPLATES } from "../../../src/session/templates/template.js";
import { checkTemplate } from "../../../src/session/templates/template-schema.js";
import { tempDir } from "../../support/temp-dir.js";

/** A user with a config.toml, and files of templates. */
async function user(config = "", files: Readonly<Record<string, string>> = {}) {
  const path = tempDir();
  const env = { HOME: path("home"), XDG_CONFIG_HOME: path("config"), XDG_CONFIG_DIRS: path("none"), SHELL: "/bin/sh" };
  const write = (name: string, text: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  write("config/t2a/config.toml", config);
  for (const [name, text] of Object.entries(files)) write(`config/t2a/templates/${name}.toml`, text);
  const settings = (await loadSettings(env)).values;
  const templates = new Templates({ places: templatePlaces(env), home: env.HOME, env, settings });
  return { path, env, templates, write };
}

const refusal = (message: unknown) => expect.objectContaining({ code: "T2A_TEMPLATE", message });

describe("Templates", () => {
  it("decide everything of a session that is asked for with nothing", async () => {
    const { templates, env } = await user();
    expect(await templates.resolve()).toEqual({
      name: undefined,
      command: undefined,
      argv: undefined,
      cwd: env.HOME,
      env,
      cols: 80,
      rows: 24,
      keepsSize: false,
      template: undefined,
      limits: {},
      tags: [],
      recording: {
        captureInput: false,
        captureEnv: ["SHELL"],
        shellIntegration: true,
        sync: "interval",
        redaction: false,
      },
      hooks: {},
      agent: undefined,
      parent: undefined,
    });
  });

  it("put what is asked for before the template, that before the settings, those before the defaults", async () => {
    const { templates, env } = await user(
      `[record]
capture_input = true
shell_integration = false
command = "zsh"

[template.work]
command = "make watch"
cwd = "~/src"
size = "120x40"
tags = ["work"]
redaction = "on"
env = { PAGER = "cat", JOBS = 4 }
limits = { memory = "1G", cpu_time = "10m", open_files = 100 }
recording = { shell_integration = true, capture_env = ["PATH"] }
hooks = { on_session_end = "~/bin/tell", on_limit = ["mail", "-s", "limit"] }
`,
    );
    expect((await templates.resolve()).command).toBe("zsh");
    const resolved = await templates.resolve({ template: "work" });
    expect(resolved).toMatchObject({
      command: "make watch",
      cwd: `${env.HOME}/src`,
      cols: 120,
      rows: 40,
      keepsSize: true,
      template: "work",
      limits: { memoryBytes: 1024 ** 3, cpuSeconds: 600, openFiles: 100 },
      tags: ["work"],
      recording: {
        captureInput: true,
        captureEnv: ["PATH"],
        shellIntegration: true,
        sync: "interval",
        redaction: true,
      },
      hooks: { onSessionEnd: ["~/bin/tell"], onLimit: ["mail", "-s", "limit"] },
    });
    expect(resolved.env).toMatchObject({ PAGER: "cat", JOBS: "4", SHELL: "/bin/sh" });
    const asked = await templates.resolve({
      template: "work",
      argv: ["top", "-b"],
      cwd: "/",
      cols: 100,
      env: { PAGER: "less", HOME: "/h" },
      limits: { memoryBytes: 5, wallSeconds: 7 },
      tags: ["work", "mine"],
      recording: { captureInput: false },
    });
    expect(asked).toMatchObject({ command: undefined, argv: ["top", "-b"], cwd: "/", cols: 100, rows: 40 });
    expect(asked.env).toEqual({ PAGER: "cat", JOBS: "4", HOME: "/h" });
    expect(asked.limits).toEqual({ memoryBytes: 5, cpuSeconds: 600, openFiles: 100, wallSeconds: 7 });
    expect(asked.tags).toEqual(["work", "mine"]);
    expect(asked.recording.captureInput).toBe(false);
  });

  it("extend each other across config.toml and files", async () => {
    const { templates } = await user(
      `[template.base]
description = "the base"
command = "a"
env = { A = "1", B = "1" }
tags = ["x"]
[template.base.limits]
memory = "1G"
processes = 10
`,
      {
        middle: `extends = "base"\nargv = ["b"]\nenv = { B = "2" }\ntags = ["y", "x"]\n[limits]\nprocesses = "none"\nwall_time = "1h"`,
        top: `extends = "middle"\nsize = "100x30"`,
      },
    );
    const resolved = await templates.resolve({ template: "top" });
    expect(resolved).toMatchObject({ command: undefined, argv: ["b"], cols: 100, tags: ["x", "y"] });
    expect(resolved.env).toMatchObject({ A: "1", B: "2" });
    expect(resolved.limits).toEqual({ memoryBytes: 1024 ** 3, wallSeconds: 3600 });
    expect(
      (await templates.list()).map(({ name, kind, extends: base, description }) => [name, kind, base, description]),
    ).toEqual([
      ["agent", "built-in", undefined, expect.any(String)],
      ["base", "config", undefined, "the base"],
      ["middle", "file", "base", "the base"],
      ["top", "file", "middle", "the base"],
    ]);
  });

  it("use a user's file before config.toml, and that before what comes with t2a", async () => {
    const { templates } = await user(`[template.agent]\ncommand = "config"\n[template.both]\ncommand = "config"`, {
      both: 'command = "file"',
    });
    expect((await templates.resolve({ template: "agent" })).command).toBe("config");
    expect((await templates.resolve({ template: "both" })).command).toBe("file");
  });

  it("come with one for agents without anybody at the terminal", async () => {
    const { templates } = await user();
    for (const [name, table] of Object.entries(BUILT_IN_TEMPLATES)) {
      expect(checkTemplate(toTable((await templates.get(name)).template))).not.toHaveProperty("fault");
      expect(table.description).toBeDefined();
    }
    const resolved = await templates.resolve({
      template: "agent",
      env: { HOME: "/h", PAGER: "less" },
      command: "claude -p hi",
    });
    expect(resolved).toMatchObject({ cols: 120, rows: 40, tags: ["agent"], command: "claude -p hi" });
    expect(resolved.env).toMatchObject({
      HOME: "/h",
      PAGER: "cat",
      GIT_PAGER: "cat",
      CI: "true",
      TERM: "xterm-256color",
    });
  });

  it.each([
    ["command = 3", 1, "command: expected string, received number"],
    ['\n# words\ncomand = "x"', 3, "comand: is no known key"],
    ['command = "x"\nargv = ["y"]', 2, "argv: stands beside command"],
    ['cwd = "src"', 1, "cwd: is to be absolute"],
    ['size = "80"', 1, 'size: is no size: "120x40" is one'],
    ['size = "80x99999"', 1, "size: has more than 10000 cells"],
    ['[limits]\nwall_time = "1h"\nmemory = "much"', 3, 'limits.memory: not a size: "much"'],
    ["[limits]\nprocesses = 0", 2, "limits.processes: is to be a whole number"],
    ["[limits]\ncpu = 5", 2, "limits.cpu: is no known key"],
    ["env = { A = [1] }", 1, "env.A: is no text"],
    ['[env]\n"A B" = "1"', 2, "env.A B: is no name of a variable"],
    ["[hooks]\non_session_start = []", 2, "hooks.on_session_start: "],
    ['[hooks]\non_start = "x"', 2, "hooks.on_start: is no known key"],
    ["[recording]\ncapture_input = 1", 2, "recording.capture_input: expected boolean"],
    ['redaction = "perhaps"', 1, "redaction: is neither on nor off"],
    ['tags = ["a",\n ""]', 1, "tags.1: is empty"],
    ['command = "a"\nextends = "gone"', 2, "extends: there is no template gone"],
    ['extends = "bad"', 1, "extends: goes round: bad extends bad"],
    ["command = ", 1, "Invalid TOML document"],
  ])("refuse %j by line %i: %s", async (text, line, reason) => {
    const { templates, path } = await user("", { bad: text, good: 'command = "ok"' });
    const message = expect.stringMatching(
      new RegExp(
        `^${path("config/t2a/templates/bad.toml")}: line ${line}: ${reason.replace(/[.*+?^()[\]{}|]/g, "\\$&")}`,
      ),
    );
    await expect(templates.resolve({ template: "bad" })).rejects.toThrow(refusal(message));
    expect((await templates.list()).find(({ name }) => name === "bad")).toMatchObject({ problem: message });
    expect(await templates.findHooks("bad")).toEqual({});
    expect((await templates.resolve({ template: "good" })).command).toBe("ok"); // another's fault is none of its own
  });

  it("name the line in config.toml too, and refuse what goes round", async () => {
    const { templates, path } = await user(
      `[play]\nspeed = 2\n\n[template.a]\nextends = "b"\n\n[template.b]\nextends = "c"\n[template.c]\nextends = "a"\n[template.d]\nsize = 3`,
    );
    const config = path("config/t2a/config.toml");
    await expect(templates.resolve({ template: "a" })).rejects.toThrow(
      refusal(`${config}: line 10: template.c.extends: goes round: a extends b extends c extends a`),
    );
    await expect(templates.resolve({ template: "d" })).rejects.toThrow(
      refusal(`${config}: line 12: template.d.size: is no size: "120x40" is one`),
    );
    await expect(templates.resolve({ template: "nothing" })).rejects.toThrow(
      refusal('there is no template "nothing" (t2a template ls lists them)'),
    );
  });

  it.each([
    [{ command: "a", argv: ["b"] }, "not by both"],
    [{ argv: [] }, "no program"],
    [{ cwd: "src" }, "not an absolute folder"],
    [{ cols: 0 }, "not a size of a terminal: 0"],
    [{ rows: 1.5 }, "not a size of a terminal: 1.5"],
    [{ limits: { processes: -1 } }, "limits.processes: "],
    [{ limits: { speed: 1 } as never }, "limits.speed: is no known key"],
  ])("refuse to start %j", async (config, message) => {
    const { templates } = await user();
    await expect(templates.resolve(config)).rejects.toThrow(
      expect.objectContaining({ code: "T2A_USAGE", message: expect.stringContaining(message) }),
    );
  });

  it("write files of their own for the user alone, and touch no others", async () => {
    const { templates, path } = await user('[template.mine]\ncommand = "x"\n');
    const info = await templates.add("new", '# words stay\ncommand = "make"\n');
    expect(info).toMatchObject({ name: "new", kind: "file", path: path("config/t2a/templates/new.toml") });
    expect(readFileSync(path("config/t2a/templates/new.toml"), "utf8")).toBe('# words stay\ncommand = "make"\n');
    expect(statSync(path("config/t2a/templates/new.toml")).mode & 0o777).toBe(0o600);
    expect(statSync(path("config/t2a/templates")).mode & 0o777).toBe(0o700);
    await expect(templates.add("new", 'command = "other"')).rejects.toThrow(
      refusal(expect.stringContaining("--force")),
    );
    await templates.add("new", 'command = "other"', { isReplacing: true });
    expect((await templates.resolve({ template: "new" })).command).toBe("other");
    await expect(templates.add("mine", 'command = "y"', { isReplacing: true })).rejects.toThrow(
      refusal(expect.stringContaining("change it there")),
    );
    await expect(templates.add("../x", 'command = "y"')).rejects.toThrow(refusal(expect.stringContaining("no name")));
    await expect(templates.add("x", "comand = 1", { from: "x.toml" })).rejects.toThrow(
      refusal("x.toml: line 1: comand: is no known key"),
    );
    await expect(templates.add("x", 'extends = "x"')).rejects.toThrow(refusal(expect.stringContaining("goes round")));

    await templates.add("heir", 'extends = "new"');
    await expect(templates.remove("new")).rejects.toThrow(refusal(expect.stringContaining("heir extends")));
    await templates.remove("heir");
    await templates.remove("new");
    await expect(templates.remove("new")).rejects.toThrow(refusal(expect.stringContaining("no template")));
    await expect(templates.remove("mine")).rejects.toThrow(
      refusal(expect.stringContaining("line 1: take it out there")),
    );
    await expect(templates.remove("agent")).rejects.toThrow(refusal(expect.stringContaining("comes with t2a")));
    expect((await templates.list()).map(({ name }) => name)).toEqual(["agent", "mine"]);
  });

  it("do not stop other commands where they are bad", async () => {
    const { env } = await user("[template.bad]\nnonsense = 1\n");
    await expect(loadSettings(env)).resolves.toBeDefined();
  });
});

describe("parseLimits", () => {
  it("reads what templates read", () => {
    expect(parseLimits(["memory=512M", "wall_time=1h", "processes=50", "output_rate=1M"])).toEqual({
      memoryBytes: 512 * 1024 ** 2,
      wallSeconds: 3600,
      processes: 50,
      outputRate: 1024 ** 2,
    });
    expect(parseLimits([])).toEqual({});
  });

  it.each(["memory", "memory=", "cpu=3", "processes=1.5", "memory=x", "memory=none"])("refuses %j", (word) => {
    expect(() => parseLimits([word])).toThrow(expect.objectContaining({ code: "T2A_USAGE" }));
  });
});
