// The storage in memory does what every storage must.
import { MemoryStorage } from "../../../src/store/drivers/memory.js";
import { testStorage } from "../../conformance/storage.js";

const alone = "the storage is one process's own";

testStorage({
  name: "memory",
  create: async () => {
    const storage = new MemoryStorage();
    return { open: async () => storage, countLeftovers: async () => 0, cleanUp: async () => {} };
  },
  skip: [
    { test: "flat memory", reason: "it keeps everything in memory" },
    { test: "eight writing processes", reason: alone },
    { test: "a document of the store itself, eight at once", reason: alone },
    { test: "eight processes, one file", reason: alone },
    { test: "writers killed at any point", reason: alone },
  ],
});
