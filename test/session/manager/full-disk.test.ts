// Sessions on a disk that becomes full: they go on, are not recorded any more, and say why, whichever daemon has them.
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Library, Spool } from "../../../src/library/kept.js";
import { openStore } from "../../../src/store/index.js";
import { mountSmallDisk, noSmallDisk } from "../../files/small-disk.js";
import { managerHouse, typed } from "../../support/manager.js";
import { pollUntil } from "../../support/poll-until.js";
import { titled } from "../../support/programs.js";

const noDisk = noSmallDisk();

describe.skipIf(noDisk)(titled("a session on a full disk", noDisk), () => {
  it("says why it is not recorded any more, beside what its limits say, also to the daemon that comes next", async () => {
    const disk = mountSmallDisk("1m");
    if (disk === undefined) throw new Error("the disk could not be mounted");
    onTestFinished(() => disk.remove());
    const house = managerHouse();
    const open = async () => {
      const location = { driver: "files", folder: house.storeFolder } as const;
      const store = await openStore(location, { cacheFolder: house.path("cache") });
      const library = new Library({ store, spool: new Spool(join(disk.folder, "spool")), location: "test" });
      return await house.manager({ library, collect: async () => {} });
    };
    const first = await open();
    const { id } = await first.createSession({});
    await first.wait(id, { prompt: true, timeoutMs: 20_000 });
    await first.send(id, typed("head -c 6000000 /dev/urandom | base64; echo 'the' 'end'\r"));
    await first.wait(id, { text: "the end", timeoutMs: 20_000 });
    const live = () => first.findLive(id);
    await pollUntil("it is not recorded", () => live()?.facts.isRecording === false);
    const why = [expect.stringMatching(/^it is not recorded any more: /)];
    expect(live()?.facts.warnings).toEqual(why);
    live()?.setLimitWarnings(["memory is near"]);
    expect(live()?.facts.warnings).toEqual([...why, "memory is near"]);
    live()?.setLimitWarnings([]);
    expect(live()?.facts.warnings).toEqual(why);
    await first.startRecording(id);
    expect(live()?.facts.isRecording).toBe(false);
    await first.close();

    const second = await open();
    expect(second.findLive(id)?.facts).toMatchObject({ isRecording: false, warnings: why });
    await second.killSession(id);
  });
});
