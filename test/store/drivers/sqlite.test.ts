// The storage in SQLite does what every storage must, and what only a database has: versions, modes, damage.
import Sqlite from "better-sqlite3";
import { SqliteStorage } from "../../../src/store/drivers/sqlite.js";
import { testStorage } from "../../conformance/storage.js";
import { tempDir } from "../../support/temp-dir.js";

testStorage({
  name: "sqlite",
  create: async () => {
    const path = tempDir()("store.db");
    return {
      open: async (options) => await SqliteStorage.open(path, options),
      program: `
        import { SqliteStorage } from "src/store/drivers/sqlite.js";
        const open = () => SqliteStorage.open(${JSON.stringify(path)});`,
      countLeftovers: async () => {
        const database = new Sqlite(path);
        const count = `select (select count(*) from store_uploads)
          + (select count(*) from store_chunks where blob not in (select blob from store_blobs))`;
        const leftovers = database.prepare(count).pluck().get() as number;
        database.close();
        return leftovers;
      },
      cleanUp: async () => {
        const storage = await SqliteStorage.open(path, { now: () => Date.now() + 3_600_000 });
        await storage.close();
      },
    };
  },
});
