// The storage in PostgreSQL does what every storage must, on a real server; and what only a server's storage has to.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PostgresStorage } from "../../../src/store/drivers/postgres.js";
import { PostgresClients, type PostgresTimes } from "../../../src/store/drivers/postgres-clients.js";
import { testStorage } from "../../conformance/storage.js";
import { type PostgresServer, postgresMissing, startPostgres } from "../../support/postgres-server.js";

let server: PostgresServer;

describe.skipIf(postgresMissing !== undefined)("PostgresStorage", () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.close());

  testStorage({
    name: "postgres",
    secret: "s3cret",
    kills: 32,
    create: async () => {
      const url = await server.newUrl();
      const open = () => opened(url);
      return {
        open,
        program: `
          import { PostgresStorage } from "src/store/drivers/postgres.js";
          import { PostgresClients } from "src/store/drivers/postgres-clients.js";
          const open = () => PostgresStorage.open(new PostgresClients(${JSON.stringify({ driver: "postgres", url })}));`,
        countLeftovers: () => countLeftovers(url),
        cleanUp: async () => {
          const storage = await open();
          await storage.sweep({ age: "0 seconds" });
          await storage.close();
        },
      };
    },
  });
});

async function opened(url: string, times: PostgresTimes = {}): Promise<PostgresStorage> {
  return await PostgresStorage.open(new PostgresClients({ driver: "postgres", url }, times));
}

async function countLeftovers(url: string): Promise<number> {
  const clients = new PostgresClients({ driver: "postgres", url });
  try {
    const { rows } = await clients.query<{ n: number }>(
      `SELECT ((SELECT count(*) FROM t2a_uploads)
        + (SELECT count(*) FROM t2a_chunks WHERE blob NOT IN (SELECT blob FROM t2a_blobs)))::int AS n`,
    );
    return rows[0]?.n ?? -1;
  } finally {
    await clients.close();
  }
}
void [expect, it, onTestFinished];
