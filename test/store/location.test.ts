// Where a store is: what is understood, what is refused, and that no secret of it is ever shown.
import { describe, expect, it } from "vitest";
import { parseStoreUrl, visibleStoreUrl } from "../../src/store/index.js";

describe("a store's URL", () => {
  it.each([
    ["file:///home/me/t2a", { driver: "files", folder: "/home/me/t2a" }],
    ["FILE:///home/me/a%20b", { driver: "files", folder: "/home/me/a b" }],
    ["/home/me/../t2a", { driver: "files", folder: "/home/t2a" }],
    ["t2a", { driver: "files", folder: `${process.cwd()}/t2a` }],
    ["sqlite:///home/me/t2a.db", { driver: "sqlite", path: "/home/me/t2a.db" }],
    ["postgres://u:p@h:5433/d?sslmode=require", { driver: "postgres", url: "postgres://u:p@h:5433/d?sslmode=require" }],
    ["postgresql://h/d", { driver: "postgres", url: "postgresql://h/d" }],
    ["memory:", { driver: "memory" }],
    ["s3://bucket", { driver: "s3", bucket: "bucket", prefix: "" }],
    [
      "s3://Old_Bucket/a/b/?endpoint=http://127.0.0.1:9000&region=eu-west-1&index=postgres://h/d",
      {
        driver: "s3",
        bucket: "Old_Bucket",
        prefix: "a/b",
        endpoint: "http://127.0.0.1:9000",
        region: "eu-west-1",
        index: { driver: "postgres", url: "postgres://h/d" },
      },
    ],
  ])("%s is understood", (url, location) => {
    expect(parseStoreUrl(url)).toMatchObject(location);
  });

  it.each([
    "",
    "ftp://host/x",
    "file:///",
    "file://host/x",
    "sqlite:x.db",
    "file:x",
    "file:///a%00b",
    "postgres://u:hunter2@h",
    "postgres://u:hunter2@h:port/d",
    "s3://",
    "s3://u:hunter2@b/x?secret=hunter2",
    "s3://b?endpoint=ftp://hunter2",
    "s3://b?index=sqlite:///hunter2",
    "s3://b/%ff",
  ])("%j is refused in words that show nothing secret", (url) => {
    const refuse = (): unknown => parseStoreUrl(url);
    expect(refuse).toThrow(expect.objectContaining({ name: "UsageError", code: "T2A_STORE_URL" }));
    expect(refuse).not.toThrow(/hunter2/);
  });

  it.each([
    ["postgres://u:hunter2@h:5433/d?sslmode=require", "postgres://u@h:5433/d?sslmode=require"],
    [
      "postgres://u@h/d?password=hunter2&sslpassword=hunter2&sslkey=hunter2&application_name=x",
      "postgres://u@h/d?application_name=x",
    ],
    ["postgres://u:h%75nter2@h/d", "postgres://u@h/d"],
    ["s3://bucket/a?endpoint=http://k:hunter2@localhost:9000", "s3://bucket/a?endpoint=http://k@localhost:9000/"],
    ["s3://bucket/a?index=postgres://u:hunter2@h/d", "s3://bucket/a?index=postgres://u@h/d"],
    ["file:///home/me", "file:///home/me"],
    ["sqlite:///home/me.db", "sqlite:///home/me.db"],
    ["memory:", "memory:"],
  ])("%s is shown as %s", (url, shown) => {
    expect(visibleStoreUrl(parseStoreUrl(url))).toBe(shown);
  });

  it.each([
    { driver: "files", folder: "/a b/100%/x?y#z/back\\slash/line\nbreak/世界/end " },
    { driver: "sqlite", path: "/a b/50%25.db" },
    {
      driver: "s3",
      bucket: "b_1",
      prefix: "a b/100%/x?y&z#+1",
      endpoint: "https://h:9000/p?q=1&r=a%20b",
      region: "eu-west-1",
      index: { driver: "postgres", url: "postgres://u@h/d?sslmode=require&application_name=a+b" },
    },
  ] as const)("what is shown of $driver is the same location again", (location) => {
    expect(parseStoreUrl(visibleStoreUrl(location))).toEqual(location);
  });
});
