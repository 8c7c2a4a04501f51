import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFaultProxy } from "./fault-proxy.js";
import { type PostgresServer, postgresMissing, startPostgres } from "./postgres-server.js";

describe.skipIf(postgresMissing !== undefined)("a PostgreSQL server for tests", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.close());

  it("keeps what was committed when it is killed, and is started again", async () => {
    await server.query("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)");
    await server.kill();
    await expect(server.query("SELECT 1")).rejects.toThrow();
    await server.start();
    expect(await server.query("SELECT n FROM kept")).toEqual([{ n: 1 }]);
    await server.shutDown();
    await server.start();
    expect(await server.query("SELECT n FROM kept")).toEqual([{ n: 1 }]);
  });

  it("is reached through a proxy that cuts where it is told to", async () => {
    const proxy = await startFaultProxy(server.port);
    try {
      const client = new Client({ connectionString: await server.newUrl({ port: proxy.port }) });
      client.on("error", () => {});
      await client.connect();
      expect((await client.query("SELECT 2 AS n")).rows).toEqual([{ n: 2 }]);
      proxy.decide(({ direction }) => (direction === "down" ? { passBytes: 3, ending: "reset" } : "pass"));
      await expect(client.query("SELECT 3")).rejects.toThrow();
      expect(proxy.faults).toBe(1);
      await client.end().catch(() => {});
    } finally {
      await proxy.close();
    }
  });
});
