// The storage in a bucket does what every storage must, on a real server. T2A_STORE_SESSIONS=10000 makes more of them than the suite does.
import { ListMultipartUploadsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe } from "vitest";
import { CloudStorage } from "../../../src/store/drivers/cloud-storage.js";
import type { S3Location } from "../../../src/store/location.js";
import { testStorage } from "../../conformance/storage.js";
import { titled } from "../../support/programs.js";
import { type S3Server, s3Missing, startS3 } from "../../support/s3-server.js";

const SESSIONS = Number(process.env.T2A_STORE_SESSIONS ?? 1000);

describe.skipIf(s3Missing !== undefined)(titled("CloudStorage on radosgw", s3Missing), () => {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3();
    process.env.AWS_ACCESS_KEY_ID = server.keys.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = server.keys.secretAccessKey;
  });
  afterAll(() => server?.close());

  testStorage({
    name: "s3",
    sessions: SESSIONS,
    kills: 16,
    secret: "s3cret",
    create: async () => {
      const prefix = server.newPrefix();
      const location: S3Location = {
        driver: "s3",
        bucket: server.bucket,
        prefix,
        endpoint: server.endpoint,
        region: undefined,
        index: undefined,
      };
      return {
        open: (options) => CloudStorage.open(location, options),
        program: `
          import { CloudStorage } from "src/store/drivers/cloud-storage.js";
          const open = () => CloudStorage.open(${JSON.stringify(location)});`,
        countLeftovers: async () => {
          const { Uploads = [] } = await server.client.send(
            new ListMultipartUploadsCommand({ Bucket: server.bucket, Prefix: prefix }),
          );
          const { Contents = [] } = await server.client.send(
            new ListObjectsV2Command({ Bucket: server.bucket, Prefix: prefix }),
          );
          const stones = Contents.filter(({ Key = "", Size }) => Key.endsWith("/session.json") && Size === 0);
          return Uploads.length + stones.length;
        },
        cleanUp: async () => {
          const storage = await CloudStorage.open(location);
          await storage.removeLeftovers({ olderThanMs: -1000 });
          await storage.close();
        },
      };
    },
  });
});
