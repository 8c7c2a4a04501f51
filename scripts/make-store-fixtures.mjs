// Writes stores as this version makes them into fixtures/stores/vN: later versions are tested against what was really written. Run after
// `npm run build`, once for each version of the stores; what older versions wrote stays as it is.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "t2a-stores-"));

/** Runs t2a where nothing of this machine gets into what it writes. */
function t2a(store, ...args) {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    XDG_DATA_HOME: join(folder, "data"),
    T2A_STORE: store,
    TZ: "UTC",
  };
  const { status } = spawnSync(process.execPath, [path("bin/t2a.js"), ...args], { cwd: folder, env, stdio: "inherit" });
  if (status !== 0) throw new Error(`t2a ${args.join(" ")} ended with ${status}`);
}

try {
  cpSync(path("fixtures/demo-v3.cast"), join(folder, "demo.cast"));
  cpSync(path("fixtures/ttyrec-shell.ttyrec"), join(folder, "shell.ttyrec"));
  cpSync(path("fixtures/demo.raw"), join(folder, "bare.raw"));
  writeFileSync(join(folder, "history"), "#1767225600\nmake test\n#1767225700\ngit push\n");
  const stores = { files: join(folder, "files"), sqlite: `sqlite://${join(folder, "store.db")}` };
  for (const store of Object.values(stores)) {
    t2a(store, "library", "add", "-q", "--as", "--name", "demo 漢字", "--tag", "first", "demo.cast");
    t2a(store, "library", "add", "-q", "--name", "shell", "shell.ttyrec");
    t2a(store, "library", "add", "-q", "--name", "bare", "bare.raw");
    t2a(
      store,
      "import-history",
      "--shell",
      "bash",
      "--name",
      "history",
      "history",
      "-o",
      join(folder, "history.json"),
      "--overwrite",
    );
    t2a(store, "rm", "--yes", "bare");
  }
  const { version } = JSON.parse(readFileSync(join(stores.files, "store.json"), "utf8"));
  const target = path(`fixtures/stores/v${version}`);
  if (existsSync(target)) throw new Error(`${target} is there: what a version wrote stays as it is`);
  mkdirSync(target, { recursive: true });
  for (const name of ["store.json", "sessions"])
    cpSync(join(stores.files, name), join(target, "files", name), { recursive: true });
  writeFileSync(
    join(target, "index.sqlite.gz"),
    gzipSync(readFileSync(join(stores.files, "index.sqlite")), { level: 9 }),
  );
  writeFileSync(join(target, "store.db.gz"), gzipSync(readFileSync(join(folder, "store.db")), { level: 9 }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
