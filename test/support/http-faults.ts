// A proxy in front of a real HTTP server which does to whole requests what servers and networks do: answers 500 or 503 in its stead,
// before or after it did what was asked, loses the answer, changes a bit. What happens to each request is decided by a function of the test.
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

/** A request on its way. */
export interface ProxiedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  /** Number among all since `decide` was last set, from 1. */
  readonly number: number;
}

/** An answer in the server's stead. */
export interface FalseAnswer {
  readonly status: number;
  /** The code in an S3 error's body; none: an empty body. */
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * What becomes of a request: passed on; answered falsely without being passed on; passed on and done, and then answered falsely, or the
 * connection reset; passed on with a bit of its body changed; never answered at all, done or not.
 */
export type RequestFate =
  | "pass"
  | "reset"
  | "stall"
  | "flip-request"
  | { readonly answer: FalseAnswer }
  | { readonly afterwards: FalseAnswer | "reset" | "stall" };

/** A running proxy. */
export interface HttpFaults {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly endpoint: string;
  /** Requests taken since `decide` was last set, and faults that were done. */
  readonly requests: number;
  readonly faults: number;
  /** What becomes of each request from now on; undefined: all pass. A request waits for its fate. */
  decide(decision: ((request: ProxiedRequest) => RequestFate | Promise<RequestFate>) | undefined): void;
  close(): Promise<void>;
}

/** Starts a proxy to a server on this machine: to a port of 127.0.0.1. Whoever starts it closes it. */
export async function startHttpFaults(targetPort: number): Promise<HttpFaults> {
  let decision: ((request: ProxiedRequest) => RequestFate | Promise<RequestFate>) | undefined;
  let requests = 0;
  let faults = 0;

  const answer = (response: ServerResponse, { status, code, headers = {} }: FalseAnswer): void => {
    const body =
      code === undefined ? "" : `<?xml version="1.0"?><Error><Code>${code}</Code><Message>false</Message></Error>`;
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(body);
  };

  const server = createServer(async (incoming, response) => {
    const { method = "GET", url = "/", headers } = incoming;
    incoming.on("error", () => {});
    response.on("error", () => {});
    const fate = (await decision?.({ method, url, headers, number: ++requests })) ?? "pass";
    if (fate !== "pass") faults++;
    if (fate === "reset") return void incoming.socket.resetAndDestroy();
    if (fate === "stall") return void incoming.resume();
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      if (typeof fate === "object" && "answer" in fate) return answer(response, fate.answer);
      const body = Buffer.concat(chunks);
      if (fate === "flip-request" && body.length > 0)
        body.writeUInt8(body.readUInt8(body.length >> 1) ^ 1, body.length >> 1);
      const onward = request({ host: "127.0.0.1", port: targetPort, method, path: url, headers }, (answered) => {
        if (typeof fate === "object" && "afterwards" in fate) {
          answered.resume();
          answered.on("end", () => {
            if (fate.afterwards === "reset") incoming.socket.resetAndDestroy();
            else if (fate.afterwards !== "stall") answer(response, fate.afterwards);
          });
          return;
        }
        response.writeHead(answered.statusCode ?? 500, answered.headers);
        answered.pipe(response);
      });
      onward.on("error", () => incoming.socket.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    port: address.port,
    endpoint: `http://127.0.0.1:${address.port}`,
    get requests() {
      return requests;
    },
    get faults() {
      return faults;
    },
    decide(next) {
      decision = next;
      requests = 0;
      faults = 0;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
