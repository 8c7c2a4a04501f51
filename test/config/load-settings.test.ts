// Settings: where they are looked for, which is stronger, and what is refused.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadSettings, SETTINGS, userCacheFolder } from "../../src/config/index.js";
import { UsageError } from "../../src/core/index.js";
import { tempDir } from "../support/temp-dir.js";

/** A home and the folders around it; `write` puts a config.toml into one of them. */
function setup() {
  const path = tempDir();
  const env = { HOME: path("home"), XDG_CONFIG_DIRS: `${path("strong")}:${path("weak")}` };
  return {
    path,
    env,
    write: (folder: string, text: string) => {
      const file = join(path(folder), "t2a", "config.toml");
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
  };
}

describe("loadSettings", () => {
  it("has the built-in values where nothing says otherwise", async () => {
    const { env, path } = setup();
    const { values, origins, files } = await loadSettings(env);
    expect(values).toEqual(Object.fromEntries(Object.entries(SETTINGS).map(([key, spec]) => [key, spec.default])));
    expect(new Set(Object.values(origins))).toEqual(new Set(["default"]));
    expect(files).toEqual([
      { path: join(path("weak"), "t2a/config.toml"), found: false },
      { path: join(path("strong"), "t2a/config.toml"), found: false },
      { path: join(path("home"), ".config/t2a/config.toml"), found: false },
    ]);
  });

  it("takes the user's file before the system's, those in their order, and variables before all", async () => {
    const { env, write } = setup();
    const weak = write(
      "weak",
      "[play]\nspeed = 1.5\npause_on_markers = true\n[record]\ncommand = 'weak'\nformat = 'weak'\n",
    );
    const strong = write("strong", "[play]\nspeed = 2\n[record]\ncommand = 'strong'\n");
    const home = write("home/.config", "[play]\nspeed = 3\n");
    const { values, origins, files } = await loadSettings({ ...env, T2A_RECORD_FORMAT: "json" });
    expect(values).toMatchObject({
      "play.speed": 3,
      "play.pause_on_markers": true,
      "record.command": "strong",
      "record.format": "json",
    });
    expect(origins).toMatchObject({
      "play.speed": home,
      "play.pause_on_markers": weak,
      "record.command": strong,
      "record.format": "T2A_RECORD_FORMAT",
      "convert.precision": "default",
    });
    expect(files.map(({ found }) => found)).toEqual([true, true, true]);
  });

  it("looks in $XDG_CONFIG_HOME instead of ~/.config", async () => {
    const { env, path, write } = setup();
    write("home/.config", "[play]\nspeed = 3\n");
    const file = write("config", "[play]\nspeed = 4\n");
    const { values, files } = await loadSettings({ ...env, XDG_CONFIG_HOME: path("config") });
    expect(values["play.speed"]).toBe(4);
    expect(files.at(-1)).toEqual({ path: file, found: true });
  });

  it("ignores relative places and empty variables, as XDG says", async () => {
    const { env, path } = setup();
    const { files } = await loadSettings({ ...env, XDG_CONFIG_HOME: "relative", XDG_CONFIG_DIRS: `a::${path("b")}` });
    expect(files.map((file) => file.path)).toEqual([
      join(path("b"), "t2a/config.toml"),
      join(path("home"), ".config/t2a/config.toml"),
    ]);
    const empty = await loadSettings({ ...env, XDG_CONFIG_HOME: "", XDG_CONFIG_DIRS: "" });
    expect(empty.files[0]?.path).toBe("/etc/xdg/t2a/config.toml");
    expect(empty.files[1]?.path).toBe(join(path("home"), ".config/t2a/config.toml"));
  });

  it("finds a home where the environment names none", async () => {
    const { files } = await loadSettings({ XDG_CONFIG_DIRS: "/nonexistent" });
    expect(files.at(-1)?.path).toMatch(/^\/.*\/\.config\/t2a\/config\.toml$/);
  });

  it("reads the file in T2A_CONFIG alone, which must be there", async () => {
    const { env, path, write } = setup();
    write("home/.config", "[play]\nspeed = 3\n");
    writeFileSync(path("mine.toml"), "[convert]\nprecision = 'ns'\n");
    const { values, files } = await loadSettings({ ...env, T2A_CONFIG: path("mine.toml") });
    expect(values).toMatchObject({ "play.speed": 1, "convert.precision": "ns" });
    expect(files).toEqual([{ path: path("mine.toml"), found: true }]);
    await expect(loadSettings({ ...env, T2A_CONFIG: path("none.toml") })).rejects.toMatchObject({
      name: "UsageError",
      code: "T2A_CONFIG",
      message: `cannot read the settings in ${path("none.toml")}: ENOENT`,
    });
    expect((await loadSettings({ ...env, T2A_CONFIG: "" })).values["play.speed"]).toBe(3);
  });

  it("goes on where a file stands in place of a folder, but not where the file is none", async () => {
    const { env, path } = setup();
    writeFileSync(path("weak"), "");
    expect((await loadSettings(env)).files[0]?.found).toBe(false);
    mkdirSync(join(path("strong"), "t2a/config.toml"), { recursive: true });
    await expect(loadSettings(env)).rejects.toMatchObject({
      code: "T2A_CONFIG",
      message: expect.stringContaining("EISDIR"),
    });
  });

  it("takes every type of value, from files and from variables", async () => {
    const { env, write } = setup();
    write(
      "home/.config",
      `[record]
       command = "bash -l"
       capture_input = true
       capture_env = ["A", "B"]
       idle_time_limit = 2.5
       pause_key = "C-p"
       marker_key = "none"
       [play]
       speed = 0.5
       idle_time_limit = "1:30"`,
    );
    expect((await loadSettings(env)).values).toMatchObject({
      "record.command": "bash -l",
      "record.capture_input": true,
      "record.capture_env": ["A", "B"],
      "record.idle_time_limit": 2_500_000_000,
      "record.pause_key": "C-p",
      "play.speed": 0.5,
      "play.idle_time_limit": 90_000_000_000,
    });
    const variables = {
      T2A_RECORD_CAPTURE_INPUT: "off",
      T2A_RECORD_CAPTURE_ENV: " X, ,Y ",
      T2A_RECORD_IDLE_TIME_LIMIT: "500ms",
      T2A_RECORD_MARKER_KEY: "m",
      T2A_PLAY_SPEED: "2",
      T2A_PLAY_PAUSE_ON_MARKERS: "yes",
    };
    expect((await loadSettings({ ...env, ...variables })).values).toMatchObject({
      "record.capture_input": false,
      "record.capture_env": ["X", "Y"],
      "record.idle_time_limit": 500_000_000,
      "record.marker_key": "m",
      "play.speed": 2,
      "play.pause_on_markers": true,
    });
  });

  it.each([
    ["[record]\nspeed = 1", 'unknown setting "record.speed" (t2a config lists them)'],
    ["[nonsense]\na = 1", 'unknown setting "nonsense.a"'],
    ["speed = 1", 'unknown setting "speed"'],
    ["toString = 1", 'unknown setting "toString"'],
    ["[play]\nspeed.fast = 1", "play.speed: "],
    ["[play.deeper]\nspeed = 1", 'unknown setting "play.deeper"'],
    ["list = [1]", 'unknown setting "list"'],
    ["[play]\nspeed = 0", "play.speed: "],
    ["[play]\nspeed = 'fast'", "play.speed: "],
    ["[play]\npause_on_markers = 'perhaps'", "play.pause_on_markers: "],
    ["[play]\nidle_time_limit = 'soon'", 'play.idle_time_limit: not a duration: "soon" (use seconds'],
    ["[play]\nidle_time_limit = '40%'", 'play.idle_time_limit: not a duration: "40%"'],
    ["[play]\nidle_time_limit = -1", 'play.idle_time_limit: not a duration: "-1"'],
    ["[play]\nidle_time_limit = true", "play.idle_time_limit: not a duration (use seconds"],
    ["[record]\npause_key = 'F13'", 'record.pause_key: not a key: "F13"'],
    ["[record]\ncapture_env = [1]", "record.capture_env: "],
    ['[session]\ncheckpoint_env = ["FOO", "A B"]', 'session.checkpoint_env: "A B" is no variable\'s name'],
    [`[session]\ncheckpoint_env = [${'"A",'.repeat(65)}]`, "session.checkpoint_env: at most 64 names"],
    ["[record]\ncommand = 5", "record.command: "],
    ["[convert]\nprecision = 'ms'", "convert.precision: "],
    // Taken for 0, each of these would have the whole library deleted.
    ["[store]\nprune_keep = ''", "store.prune_keep: not a number"],
    ["[store]\nprune_keep = false", "store.prune_keep: not a number"],
    ["[store]\nprune_keep = []", "store.prune_keep: not a number"],
    ["[store]\nprune_older_than = ' '", "store.prune_older_than: not a number"],
    ["[store]\nprune_keep = 0", "store.prune_keep: must be more than 0"],
    ["[store]\nprune_keep = -1", "store.prune_keep: must be more than 0"],
    ["[store]\nprune_older_than = 0", "store.prune_older_than: must be more than 0"],
    ["[store]\nprune_older_than = nan", "store.prune_older_than: "],
    ["[store]\nprune_max_size = '0'", "store.prune_max_size: must be more than 0"],
    ["[store]\nprune_max_size = ''", 'store.prune_max_size: not a size: ""'],
  ])("refuses %j by file and key", async (text, message) => {
    const { env, write } = setup();
    const file = write("home/.config", text);
    const loading = loadSettings(env);
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toMatchObject({
      code: "T2A_CONFIG",
      message: expect.stringContaining(`${file}: ${message}`),
    });
  });

  it("refuses one key for two things, however it is written, and whoever says so", async () => {
    const { env, write } = setup();
    const file = write("home/.config", "[record]\nmarker_key = 'C-\\'\n");
    await expect(loadSettings(env)).rejects.toMatchObject({
      code: "T2A_CONFIG",
      message: `${file}: record.marker_key and record.pause_key are the same key, ^\\: choose another for one, or none`,
    });
    expect((await loadSettings({ ...env, T2A_RECORD_PAUSE_KEY: "none" })).values["record.pause_key"]).toBe("none");
    const both = { T2A_RECORD_PAUSE_KEY: "none", T2A_RECORD_MARKER_KEY: "none" };
    expect((await loadSettings({ ...env, ...both })).values["record.marker_key"]).toBe("none");
  });

  it("names the variable that holds something unusable", async () => {
    const { env } = setup();
    await expect(loadSettings({ ...env, T2A_PLAY_SPEED: "0" })).rejects.toMatchObject({
      code: "T2A_CONFIG",
      message: expect.stringMatching(/^T2A_PLAY_SPEED: play\.speed: /),
    });
  });

  it("takes a policy of pruning from variables, and none where they are empty", async () => {
    const { env } = setup();
    const variables = { T2A_STORE_PRUNE_KEEP: "5", T2A_STORE_PRUNE_OLDER_THAN: "0.5", T2A_STORE_PRUNE_MAX_SIZE: "1K" };
    expect((await loadSettings({ ...env, ...variables })).values).toMatchObject({
      "store.prune_keep": 5,
      "store.prune_older_than": 0.5,
      "store.prune_max_size": 1024,
    });
    for (const variable of Object.keys(variables)) {
      await expect(loadSettings({ ...env, [variable]: "" })).rejects.toMatchObject({ code: "T2A_CONFIG" });
    }
  });

  it("names the line of a file that is no TOML, in one line", async () => {
    const { env, write } = setup();
    const file = write("home/.config", "[play]\nspeed = \n");
    const failure: Error = await loadSettings(env).then(
      () => new Error("it was read"),
      (error: Error) => error,
    );
    expect(failure.message).toMatch(/: line 2: \S/);
    expect(failure.message.startsWith(file)).toBe(true);
    expect(failure.message).not.toContain("\n");
  });

  it("refuses a file that is too large to hold settings", async () => {
    const { env, write } = setup();
    write("home/.config", `# ${"x".repeat(1024 * 1024)}\n`);
    await expect(loadSettings(env)).rejects.toThrow("is too large for a settings file");
  });
});

describe("SETTINGS", () => {
  it("are named in two parts and described in one line", () => {
    for (const [key, { summary }] of Object.entries(SETTINGS)) {
      expect(key).toMatch(/^[a-z]+\.[a-z_]+$/);
      expect(summary).toMatch(/^[a-z].*[^.]$/);
    }
  });
});

describe("the cache folder", () => {
  it("is where XDG says, else in the home", () => {
    expect(userCacheFolder({ XDG_CACHE_HOME: "/var/me", HOME: "/home/me" })).toBe("/var/me/t2a");
    expect(userCacheFolder({ XDG_CACHE_HOME: "relative", HOME: "/home/me" })).toBe("/home/me/.cache/t2a");
  });
});
