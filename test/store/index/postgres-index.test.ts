// The index in PostgreSQL does what every index must, on a real server.
import { afterAll, beforeAll, describe } from "vitest";
import { PostgresClients } from "../../../src/store/drivers/postgres-clients.js";
import { PostgresIndex } from "../../../src/store/index/postgres-index.js";
import { storeIndexConformance } from "../../conformance/store-index.js";
import { type PostgresServer, postgresMissing, startPostgres } from "../../support/postgres-server.js";

let server: PostgresServer;

async function opened(url: string): Promise<PostgresIndex> {
  return await PostgresIndex.open(new PostgresClients({ driver: "postgres", url }), { ownsClients: true });
}

describe.skipIf(postgresMissing !== undefined)("PostgresIndex", () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.close());

  storeIndexConformance("PostgresIndex", async () => await opened(await server.newUrl()), { runs: 20 });
});
