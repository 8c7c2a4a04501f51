// An encoder of asciicast v3 that shares nothing with t2a's, as the thing that sizes of .t2r are compared with: intervals with six
// decimals, as asciinema writes them.

/** The recording as bytes of an asciicast v3. Exits, markers and the like are lines too, so that nothing is left out. */
export async function encodeAsciicastV3({ header, batches }) {
  const { cols, rows, termType, title, command, env, startTimeNs } = header;
  const first = {
    version: 3,
    term: { cols, rows, ...(termType && { type: termType }) },
    ...(startTimeNs !== undefined && { timestamp: Number(startTimeNs / 1_000_000_000n) }),
    ...(title && { title }),
    ...(command && { command }),
    ...(env && { env }),
  };
  const lines = [JSON.stringify(first)];
  const decoders = { output: new TextDecoder(), input: new TextDecoder() };
  let before = 0;
  for await (const batch of batches) {
    for (const event of batch) {
      const now = Math.round(event.time / 1000);
      lines.push(`[${((now - before) / 1e6).toFixed(6)}, ${fields(event, decoders)}]`);
      before = now;
    }
  }
  return Buffer.from(`${lines.join("\n")}\n`);
}

function fields(event, decoders) {
  switch (event.kind) {
    case "output":
      return `"o", ${JSON.stringify(decoders.output.decode(event.data, { stream: true }))}`;
    case "input":
      return `"i", ${JSON.stringify(decoders.input.decode(event.data, { stream: true }))}`;
    case "resize":
      return `"r", "${event.cols}x${event.rows}"`;
    case "marker":
      return `"m", ${JSON.stringify(event.label)}`;
    case "exit":
      return `"x", "${event.status}"`;
    default:
      return `${JSON.stringify(event.code)}, ${Buffer.from(event.data).toString()}`;
  }
}
