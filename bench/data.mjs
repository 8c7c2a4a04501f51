// Benchmark data: a coloured listing, as events of a chosen size. Deterministic, so that hashes can be compared.
import { closeSync, openSync, writeSync } from "node:fs";

/** `bytes` of a coloured listing, by parts of about 64 KB. */
export function* listing(bytes) {
  let seed = 1;
  const random = (limit) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % limit;
  };
  for (let made = 0; made < bytes; ) {
    let part = "";
    while (part.length < 65_536) {
      const size = String(random(1_000_000)).padStart(8);
      const name = `file-${random(100_000)}.${["ts", "md", "json"][random(3)]}`;
      part += `-rw-r--r-- 1 ann staff ${size} Jan ${10 + random(20)} 12:${10 + random(50)} \u001b[0${random(2)};3${random(8)}m${name}\u001b[0m\r\n`;
    }
    const piece = part.slice(0, Math.min(part.length, bytes - made));
    made += piece.length;
    yield piece;
  }
}

function* pieces(bytes, size) {
  let rest = "";
  for (const part of listing(bytes)) {
    rest += part;
    let at = 0;
    for (; at + size <= rest.length; at += size) yield rest.slice(at, at + size);
    rest = rest.slice(at);
  }
  if (rest !== "") yield rest;
}

function writeParts(path, parts) {
  const fd = openSync(path, "w");
  let buffered = [];
  let size = 0;
  let count = 0;
  const flush = () => {
    writeSync(fd, Buffer.concat(buffered, size));
    buffered = [];
    size = 0;
  };
  for (const part of parts) {
    const bytes = Buffer.from(part);
    buffered.push(bytes);
    size += bytes.length;
    count++;
    if (size > 1 << 20) flush();
  }
  flush();
  closeSync(fd);
  return count;
}

/** An asciicast v2 whose file has about `fileBytes`; gives the number of lines. */
export function writeAsciicast(path, fileBytes, eventBytes) {
  function* lines() {
    yield '{"version":2,"width":80,"height":24}\n';
    let time = 0;
    let made = 0;
    for (const piece of pieces(fileBytes, eventBytes)) {
      const line = `[${(time / 1e6).toFixed(6)}, "o", ${JSON.stringify(piece)}]\n`;
      time += 1000;
      made += line.length;
      yield line;
      if (made > fileBytes) return;
    }
  }
  return writeParts(path, lines());
}

/** A ttyrec of `bytes` of output. */
export function writeTtyrec(path, bytes, eventBytes) {
  function* frames() {
    let time = 0;
    for (const piece of pieces(bytes, eventBytes)) {
      const header = Buffer.alloc(12);
      header.writeUInt32LE(1_700_000_000 + Math.floor(time / 1e6), 0);
      header.writeUInt32LE(time % 1e6, 4);
      header.writeUInt32LE(piece.length, 8);
      time += 1000;
      yield Buffer.concat([header, Buffer.from(piece, "latin1")]);
    }
  }
  return writeParts(path, frames());
}

/** The listing as a file. */
export function writeListing(path, bytes) {
  writeParts(path, listing(bytes));
}

/** An asciicast v2 of a shell that marks its commands, of about `fileBytes`: a listing, cut into commands of 1 to 200 lines. */
export function writeCommands(path, fileBytes, eventBytes, seed = 1) {
  const osc = (payload) => `\u001b]${payload}\u0007`;
  const lines = ["ls -la", "git status", "npm test", "make -j8 all", "cargo build --release"];
  function* events() {
    let random = seed + 1;
    const next = (limit) => {
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor(random / 65_536) % limit;
    };
    yield `{"version":2,"width":80,"height":24,"timestamp":${1_772_000_000 + seed * 600}}\n`;
    let time = 0;
    let made = 0;
    let until = 0;
    for (const piece of pieces(fileBytes, eventBytes)) {
      let text = piece;
      if (made >= until) {
        const line = lines[next(lines.length)];
        const end = until === 0 ? "" : osc(`133;D;${next(10) === 0 ? 1 : 0}`);
        text = `${end}${osc("7;file:///home/ann/work")}${osc("133;A")}$ ${osc("133;B")}${line}\r\n${osc(`633;E;${line}`)}${osc("133;C")}${piece}`;
        until = made + 75 * (1 + next(200));
      }
      const row = `[${(time / 1e6).toFixed(6)}, "o", ${JSON.stringify(text)}]\n`;
      time += 1000 + (made >= until ? 2_000_000 : 0);
      made += row.length;
      yield row;
      if (made > fileBytes) return;
    }
  }
  return writeParts(path, events());
}
