// A second face of src/store: the storages themselves, for programs that bring their own index or need none. `openStore` of the
// first one opens them with theirs, and loads only the one that is meant.
export { CloudStorage } from "./drivers/cloud-storage.js";
export { DatabaseStorage } from "./drivers/database-storage.js";
export { FileStorage, type FileStorageOptions } from "./drivers/files.js";
export { MemoryStorage } from "./drivers/memory.js";
export { PostgresStorage } from "./drivers/postgres.js";
export { SqliteStorage, type SqliteStorageOptions } from "./drivers/sqlite.js";
