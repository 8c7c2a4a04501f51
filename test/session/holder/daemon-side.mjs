// A daemon's side of holders, in a process that a test can stop and kill: prints what it is told of as JSON lines.
import { createInterface } from "node:readline";
import { openHolderPool } from "../../../dist/src/session/index.js";

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { runtime, program, order } = JSON.parse((await lines.next()).value);
const pool = await openHolderPool({ runtime, program, perHolder: 50, version: "0.0.0-test" });
const session = await pool.start(order);
say({ facts: session.facts });
const position = await session.follow({
  onEvents: (events, first) => say({ events: first + events.length }),
  onUnrecorded: () => {},
  onBehind: ({ events }) => say({ behind: events }),
  onRecordingFailed: () => {},
  onEnd: (end) => say({ end }),
  onLost: () => say({ lost: true }),
});
say({ position });
for (;;) {
  const { value, done } = await lines.next();
  if (done) break;
  session.input(Buffer.from(`${value}\n`), "daemon");
}
