// Opening a store in a bucket, with its index: in a local file, which is one machine's own, or in a PostgreSQL database, which is all
// machines'.
import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { ioError } from "../../files/index.js";
import type { S3Location } from "../location.js";
import type { OpenDriver } from "../open-driver.js";
import type { StoreIndex } from "../store-index.js";
import { CloudStorage } from "./cloud-storage.js";

const CLEANED_NOTE = "s3-leftovers-removed-at";
/** What killed writers left is looked for this often, milliseconds. */
const CLEANING_MS = 86_400_000;

/** @see OpenDriver */
export const openS3: OpenDriver<"s3"> = async (location, { cacheFolder, mustExist }) => {
  const storage = await CloudStorage.open(location, { mustExist });
  try {
    const index = await openIndex(location, storage, cacheFolder);
    if (mustExist !== true) await removeLeftovers(storage, index);
    return { storage, index, check: location.index === undefined ? "always" : "never" };
  } catch (error) {
    await storage.close();
    throw error;
  }
};

async function openIndex(location: S3Location, storage: CloudStorage, cacheFolder: string): Promise<StoreIndex> {
  const { bucket, prefix, endpoint, index } = location;
  if (index !== undefined) {
    const { openPostgresIndex } = await import("../index/open-postgres-index.js");
    return await openPostgresIndex(index, `s3:${storage.id}`);
  }
  const { openSqliteIndex } = await import("../index/open-sqlite-index.js");
  try {
    await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw ioError("open", cacheFolder, error);
  }
  // A store that was made anew in the same place is another one.
  const place = JSON.stringify([endpoint, bucket, prefix, storage.id]);
  const name = createHash("sha256").update(place).digest("hex").slice(0, 32);
  return await openSqliteIndex(join(cacheFolder, `s3-${name}.sqlite`));
}

/** Once a day by who opens the store. What fails is done by the next one: opening a store is not for that. */
async function removeLeftovers(storage: CloudStorage, index: StoreIndex): Promise<void> {
  const now = Date.now();
  const last = Number((await index.findNote(CLEANED_NOTE)) ?? 0);
  // The clock may have been set back.
  if (Math.abs(now - last) < CLEANING_MS) return;
  await index.putNote(CLEANED_NOTE, String(now));
  try {
    await storage.removeLeftovers();
  } catch {
    // said above
  }
}
