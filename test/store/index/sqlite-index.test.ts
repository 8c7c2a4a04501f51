import Sqlite from "better-sqlite3";
import { SqliteIndex } from "../../../src/store/index/sqlite-index.js";
import { storeIndexConformance } from "../../conformance/store-index.js";

storeIndexConformance("SqliteIndex", async () => new SqliteIndex(new Sqlite(":memory:")));
