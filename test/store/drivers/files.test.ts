// The storage in files does what every storage must, and what only files have: modes, links, folders.
import { readdirSync } from "node:fs";
import { FileStorage } from "../../../src/store/drivers/files.js";
import { testStorage } from "../../conformance/storage.js";
import { tempDir } from "../../support/temp-dir.js";

testStorage({
  name: "files",
  create: async () => {
    const folder = tempDir()("store");
    return {
      open: async (options) => await FileStorage.open(folder, options),
      program: `
        import { FileStorage } from "src/store/drivers/files.js";
        const open = () => FileStorage.open(${JSON.stringify(folder)});`,
      countLeftovers: async () => readdirSync(`${folder}/incoming`).length,
      cleanUp: async () => {
        const storage = await FileStorage.open(folder, { now: () => Date.now() + 3_600_000 });
        await storage.close();
      },
    };
  },
});
