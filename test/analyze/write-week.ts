// Made sessions as files.
import { createWriter, getFormat } from "../../formats/index.js";
import { openFileTarget } from "../../src/files/index.js";
import type { MadeSession } from "./week.js";

/** Writes the session; gives the path. */
export async function writeSession(path: string, { header, events }: MadeSession, format = "json"): Promise<string> {
  const target = openFileTarget(path, { overwrite: true });
  const writer = await createWriter(getFormat(format), target);
  await writer.header(header);
  for (let at = 0; at < events.length; at += 1000) await writer.events(events.slice(at, at + 1000));
  await writer.end();
  await target.commit();
  return path;
}
