// The API's document: OpenAPI 3.1, made of the routes and their schemas. docs/openapi.json is its text.
import { z } from "zod";
import {
  DAEMON_PROTOCOL,
  DAEMON_PROTOCOL_OLDEST,
  MAX_BODY,
  PROTOCOL_HEADER,
  VERSION_HEADER,
} from "../session/client/index.js";
import type { Route } from "./route.js";
import { ROUTES } from "./routes.js";
import { apiSchemas, attachQuery, sessionParams } from "./schemas.js";

type Json = { readonly [key: string]: unknown };

/** The document as an object. */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of ROUTES) {
    const path = `/v1${route.path}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  paths["/v1/sessions/{reference}/attach"] = { get: attachOperation() };
  return {
    openapi: "3.1.0",
    info: {
      title: "t2a daemon",
      version,
      description: [
        "HTTP over the unix socket `daemon.sock` in `$XDG_RUNTIME_DIR/t2a`; who may open the socket may ask anything.",
        `Every answer has the headers \`${PROTOCOL_HEADER}\` (${DAEMON_PROTOCOL}) and \`${VERSION_HEADER}\`. A request may say which version it speaks`,
        `in \`${PROTOCOL_HEADER}\`: versions ${DAEMON_PROTOCOL_OLDEST} to ${DAEMON_PROTOCOL} are understood, others are refused with status 426.`,
        `A body has at most ${MAX_BODY} bytes.`,
      ].join("\n"),
    },
    servers: [{ url: "http://localhost", description: "over the unix socket" }],
    paths,
    components: { schemas: componentSchemas() },
  };
}

function operation({ id, summary, params, query, body, response, status }: Route): Json {
  const parameters = [...parametersOf("path", params), ...parametersOf("query", query)];
  return {
    operationId: id,
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: schemaOf(body, "input") } } } }),
    responses: {
      [status]: {
        description: response === undefined ? "Done" : "What was asked for",
        ...(response === undefined
          ? {}
          : { content: { "application/json": { schema: schemaOf(response, "output") } } }),
      },
      default: REFUSED,
    },
  };
}

const REFUSED: Json = {
  description: "What went wrong: its code says what (docs/errors.md)",
  content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
};

function attachOperation(): Json {
  return {
    operationId: "attach",
    summary: "A WebSocket to a live session's terminal",
    description: [
      "Text frames are JSON: of the daemon `AttachServerMessage`, the first of them `attached` or `error`; of the client `AttachClientMessage`.",
      "Binary frames are bytes: of the client what is typed; of the daemon output, but for the one right behind `screen`, which is the",
      "screen's dump for a fresh terminal of that size: what was shown before is void. Nothing follows `exit`, `detached` and `error`.",
      "A client that does not read is not waited for: it gets the screen anew once it reads again. Status 1001 says that the daemon ends.",
    ].join("\n"),
    parameters: [...parametersOf("path", sessionParams), ...parametersOf("query", attachQuery)],
    responses: { "101": { description: "Attached, or refused by a message" }, default: REFUSED },
  };
}

function parametersOf(place: "path" | "query", schema: z.ZodType | undefined): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, "input") as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  // What is read of text has the type of what it becomes.
  const { properties: outputs = {} } = schemaOf(schema, "output") as { properties?: Readonly<Record<string, Json>> };
  return Object.keys(properties).map((name) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: outputs[name] ?? properties[name],
  }));
}

/** One schema; those that have a name are referred to by it. */
function schemaOf(schema: z.ZodType, io: Side): Json {
  const name = apiSchemas.get(schema)?.id;
  return name === undefined ? plain(all()[io].get(schema) as Json) : { $ref: refOf(name) };
}

function componentSchemas(): Json {
  const { schemas } = z.toJSONSchema(apiSchemas, { uri: refOf, io: "output", unrepresentable: "any" });
  const names = Object.keys(schemas).filter((name) => name !== SHARED);
  return Object.fromEntries(names.sort().map((name) => [name, plain(schemas[name] as Json)]));
}

type Side = "input" | "output";

/** Those without a name, as they come in and as they go out; made once. */
let made: Readonly<Record<Side, ReadonlyMap<z.ZodType, unknown>>> | undefined;

function all(): NonNullable<typeof made> {
  made ??= { input: allOf("input"), output: allOf("output") };
  return made;
}

function allOf(io: Side): ReadonlyMap<z.ZodType, unknown> {
  const used = ROUTES.flatMap(({ params, query, body, response }) => [params, query, body, response]);
  const unnamed = new Set([...used, sessionParams, attachQuery].filter((schema) => schema !== undefined));
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, schema] of namedSchemas()) registry.add(schema, { id });
  const ids = new Map<z.ZodType, string>();
  for (const schema of unnamed) {
    if (apiSchemas.has(schema)) continue;
    ids.set(schema, `_${ids.size}`);
    registry.add(schema, { id: `_${ids.size - 1}` });
  }
  const { schemas } = z.toJSONSchema(registry, { uri: refOf, io, unrepresentable: "any" });
  return new Map([...ids].map(([schema, id]) => [schema, schemas[id]]));
}

/** A registry tells its schemas by name, though its types do not say so. */
function namedSchemas(): ReadonlyMap<string, z.ZodType> {
  return (apiSchemas as unknown as { readonly _idmap: ReadonlyMap<string, z.ZodType> })._idmap;
}

/** Where schemas without a name stand that refer to themselves: all of those are JSON values of a session's document. */
const SHARED = "__shared";

function refOf(name: string): string {
  return `#/components/schemas/${name}`;
}

/** Without what is of a document of its own, and with names in place of what is shared. */
function plain(schema: Json): Json {
  const { $schema, $id, ...rest } = schema;
  return JSON.parse(
    JSON.stringify(rest).replaceAll(
      /"#\/components\/schemas\/__shared#\/\$defs\/schema[0-9]+"/g,
      `"${refOf("JsonValue")}"`,
    ),
  );
}

/** The text of docs/openapi.json. */
export function openApiText(version: string): string {
  return `${JSON.stringify(openApiDocument(version), null, 2)}\n`;
}
