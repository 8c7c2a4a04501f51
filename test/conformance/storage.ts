// The conformance suite of storages. Every driver's test file calls testStorage; all of it is asked of every driver. Skips are named,
// carry a reason, and are printed.
import { describe, it } from "vitest";
import * as blobs from "./storage-blobs.js";
import type { StorageCase, StorageTest, StorageUnderTest } from "./storage-case.js";
import * as documents from "./storage-documents.js";
import * as processes from "./storage-processes.js";

export type { StorageCase, StorageUnderTest } from "./storage-case.js";

type RunTest = (store: StorageUnderTest, storageCase: StorageCase) => Promise<void>;

const TESTS: Readonly<Record<StorageTest, RunTest>> = {
  "an empty store has nothing": documents.testEmpty,
  "a document is kept to the letter": documents.testKept,
  "compare-and-swap": documents.testCompareAndSwap,
  "tags change with every save": documents.testTags,
  "documents are deleted, files stay": documents.testDelete,
  "documents are listed by id": documents.testList,
  "any Unicode": documents.testUnicode,
  "many sessions": documents.testMany,
  "names that are none": documents.testNames,
  "documents of the store itself": documents.testNamed,
  "a document of the store itself, eight at once": processes.testNamedWriters,
  "files of all sizes": blobs.testSizes,
  "ranges at all borders": blobs.testRanges,
  "a file is never replaced": blobs.testNeverReplaced,
  "a file put twice at once": blobs.testTwoAtOnce,
  "a stream that fails": blobs.testFailingStream,
  "a signal": blobs.testSignal,
  "files are listed by session and name": blobs.testList,
  "files are deleted, and put again": blobs.testDelete,
  "a file deleted while it is read": blobs.testDeletedWhileRead,
  "listing while writing": blobs.testListingWhileWriting,
  "flat memory": processes.testFlatMemory,
  "eight writing processes": processes.testWriters,
  "eight processes, one file": processes.testOneFile,
  "writers killed at any point": processes.testKills,
  "a clock that is wrong": processes.testClock,
  "closed twice": documents.testClose,
  "nothing secret is shown": documents.testSecret,
};

/** Runs the suite over one driver. */
export function testStorage(storageCase: StorageCase): void {
  describe(`${storageCase.name} conforms`, () => {
    for (const [name, run] of Object.entries(TESTS)) {
      const skipped = storageCase.skip?.find(({ test }) => test === name);
      if (skipped !== undefined) it.skip(`${name} (skipped: ${skipped.reason})`, () => {});
      else it(name, async () => await run(await storageCase.create(), storageCase), 120_000);
    }
  });
}
