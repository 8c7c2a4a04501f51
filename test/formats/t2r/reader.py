# A second, independent reader of the .t2r format, version 1, written from its specification alone: `reader.py FILE.t2r`
# verifies all that the file says about itself and prints it as NDJSON, t2a's `json` format. It needs the `zstd` tool.
# Exit status 1: damaged, cut or unfinished; a line on stderr names the byte. Printed are the blocks before it then.
import base64, hashlib, heapq, itertools, json, struct, subprocess, sys

HEADER, BLOCK, INDEX, END, GENERATION = TYPES = 1, 2, 3, 4, 8  # of frames
OUTPUT, INPUT, RESIZE, MARKER, EXIT, CUSTOM = KINDS = range(1, 7)  # of events
NAMES = dict(zip(KINDS, ["output", "input", "resize", "marker", "exit", "custom"]))
FIELDS = {RESIZE: ["cols", "rows"], MARKER: ["label"], EXIT: ["status"], CUSTOM: ["code"]}
TABLE = ["offset", "size", "startNs", "endNs", "outputOffset", "outputBytes", "events"]
MS, SECOND, MAX_TIME, MAX_FRAME, LISTED = 10**6, 10**9, 2**53 - 1, 69 << 20, 65536

def need(good, what, *at):  # else it is damage: at that byte, or in the frame that is being read
    if not good: raise ValueError(what, *at)

def check(data): return hashlib.sha256(data).digest()[:8]  # the checksum of frames

def unzstd(data, size):
    run = subprocess.run(["zstd", "-dcq"], input=data, capture_output=True)
    good = data[:4] == b"\x28\xb5\x2f\xfd" and run.returncode == 0 and len(run.stdout) == size
    need(good, f"zstd frame is broken or does not hold {size} bytes")
    return run.stdout

def parse(raw, kind=object, pairs=None):
    try:  # parse_constant: NaN and the like, at which int fails; parse_int: Python refuses very long ones
        value = json.loads(raw.decode(), parse_constant=int, parse_int=lambda s: int(s[:99]), object_pairs_hook=pairs)
    except RecursionError:  # deeper than Python follows, which is no damage
        return kind()
    need(isinstance(value, kind), "not a JSON object")
    return value

def ordered(pairs):  # the header's keys are in order of their UTF-16 code units, none twice
    keys = [key.encode("utf-16-be", "surrogatepass") for key, _ in pairs]
    need(all(a < b for a, b in zip(keys, keys[1:])), "keys of the HEADER are not in order")
    return dict(pairs)

def same(got, want):  # but for keys that are not known; 1, 1.0 and true are three things
    if isinstance(want, dict):
        return isinstance(got, dict) and all(same(got.get(key), want[key]) for key in want)
    return json.dumps(got) == json.dumps(want)

class Cursor:  # takes a column apart
    def __init__(self, data): self.data, self.pos = data, 0
    def more(self): return self.pos < len(self.data)
    def take(self, length):
        need(length <= len(self.data) - self.pos, "column ends within an item")
        self.pos += length
        return self.data[self.pos - length:self.pos]
    def number(self):  # unsigned LEB128
        value = 0
        for shift in range(0, 70, 7):
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ValueError("number without end")
    def signed(self):
        value = self.number()
        return -(value + 1 >> 1) if value & 1 else value >> 1
    def bytes(self): return self.take(self.number())

class Reader:
    def __init__(self, data, write):
        self.data, self.write, self.at, self.index_frame, self.generations = data, write, 0, None, 1
        self.output, self.blocks, self.events = bytearray(), [], []  # events: (time, kind, fields)

    def read(self):
        while True:
            need(self.at < len(self.data), "unfinished: no END")
            kind, payload, end = self.frame(self.at)
            good = (kind == HEADER) == (self.at == 0) and kind != GENERATION
            need(good, "HEADER is not the first frame, or not the only one, or GENERATION is not behind END")
            need(not self.index_frame or kind not in (BLOCK, INDEX), "BLOCK or INDEX behind the INDEX")
            if kind == HEADER:
                header = parse(payload, dict, ordered)
                need(type(header.get("cols")) is type(header.get("rows")) is int, "HEADER without cols and rows")
                self.chain = hashlib.sha256(b"t2r1\n" + payload + b"\n")
                self.write(b'{"format":"t2a-json","version":1,"header":' + payload + b"}\n")
            elif kind == BLOCK:
                end = self.block(payload, end)
            elif kind == INDEX:
                self.index(parse(payload, dict))
                self.index_frame = self.at, end - self.at
            elif kind == END:
                good = self.index_frame and payload == struct.pack("<QIQ", *self.index_frame, self.at) and end == self.at + 44
                need(good, "END does not agree with the file")
                if end == len(self.data): return
                self.at, self.index_frame, self.generations = end, None, self.generations + 1
                kind, payload, end = self.frame(end)
                need(kind == GENERATION, "bytes behind END")
            self.at = end

    def frame(self, at):  # a skippable frame: its type (None where not known), payload, end
        need(at + 16 <= len(self.data), "frame is cut")
        magic, size, name, major, kind, layout, encoding, zero = struct.unpack_from("<II3s5B", self.data, at)
        need(magic == 0x184D2A54 and name == b"t2r", "neither a t2r frame nor a content frame that is due")
        need(major == 1, f"version {major} is not known", at + 11)
        need(24 <= 8 + size <= MAX_FRAME, f"frame of {size} bytes", at + 4)
        end = at + 8 + size
        need(end <= len(self.data), "frame is cut")
        need(check(self.data[at:end - 8]) == self.data[end - 8:end], "checksum of the frame is wrong")
        if kind not in TYPES:
            return None, b"", end
        need(layout == 1 and encoding <= 1 and zero == 0, "layout or encoding is not known", at + 13)
        payload = self.data[at + 16:end - 8]
        return kind, unzstd(payload[4:], *struct.unpack("<I", payload[:4])) if encoding else payload, end

    def block(self, payload, at):  # at: where its content frame begins; gives where that ends
        fields = struct.unpack("<IIQQQII8s32sII", payload[:88])
        number, count, first, last, offset, size, packed, content_check, chain, length, encoding = fields
        good = number == len(self.blocks) and offset == len(self.output) and (size == 0) == (packed == 0)
        need(good, "sequence, output offset or size of the content frame is wrong")
        time = self.events[-1][0] if self.events else 0
        need(count and time <= first <= last <= MAX_TIME, "no events, or times that run backwards")
        content = self.data[at:at + packed]
        need(len(content) == packed and check(content) == content_check, "content frame is cut or its checksum wrong", at)
        output = Cursor(unzstd(content, size) if packed else b"")
        columns = Cursor(unzstd(payload[88:], length) if encoding else payload[88:])
        need(encoding <= 1 and len(columns.data) == length, "encoding or length of the columns is wrong")
        times, kinds, *data, metas = [Cursor(columns.bytes()) for _ in range(9)]  # further ones are ignored
        unit = times.number()
        need(unit in (1, 1000, MS), "unit of the times is wrong")
        steps, kind_of, meta_of, event = [times.number() * unit for _ in range(count)], [], {}, 0
        while kinds.more():
            run, kind = divmod(kinds.number(), 16)
            need(kind in KINDS and 0 < run <= count - len(kind_of), "run of kinds is wrong")
            kind_of += [kind] * run
        while metas.more():
            step = metas.number()
            event += step
            need(event < count and (step or not meta_of), "meta of no event")
            meta_of[event] = metas.bytes()
            parse(meta_of[event], dict)
        need(len(kind_of) == count and steps[0] == 0 and first + sum(steps) == last, "kinds or times do not fit the block")
        events = enumerate(zip(itertools.accumulate(steps[1:], initial=first), kind_of))
        lines = [self.event(time, kind, data[kind - 1], output, meta_of.get(i, b"")) for i, (time, kind) in events]
        need(not any(column.more() for column in (times, *data, output)), "columns or output are not used up")
        need(self.chain.digest() == chain, "chain is wrong")
        self.output += output.data
        self.blocks.append((self.at, at + packed - self.at, first, last, offset, size, count))
        self.write(b"".join(lines))
        return at + packed

    def event(self, time, kind, column, output, meta):  # takes it from its column and into the chain; gives its line
        take = {OUTPUT: lambda: output.take(column.number()), RESIZE: column.number, EXIT: column.signed}.get(kind, column.bytes)
        fields = [take() for _ in range(2 if kind in (RESIZE, CUSTOM) else 1)]
        self.events.append((time, kind, fields))
        self.chain.update(bytes([kind]))
        for item in (time, meta, *fields):
            number, item = (item, b"") if isinstance(item, int) else (len(item), item)
            self.chain.update(struct.pack("<q", number) + item)
        line = {"time": time, "kind": NAMES[kind]}
        for name, item in zip(FIELDS.get(kind, ["text"]), fields):
            try:
                line[name] = item if isinstance(item, int) else item.decode()
            except UnicodeDecodeError:
                need(name == "text", f"{name} is not UTF-8")
                line["base64"] = base64.b64encode(item).decode()
        line = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()[:-1]
        data = b',"data":' + fields[1] if kind == CUSTOM and [parse(fields[1])] else b""  # verbatim, as is meta
        return line + (b',"meta":' + meta if meta else b"") + data + b"}\n"

    def index(self, got):
        of = {kind: [[time, *fields] for time, k, fields in self.events if k == kind] for kind in KINDS}
        times = [0] + [event[0] for event in self.events]
        pauses = [[a, b - a] for a, b in zip(times, times[1:]) if b - a >= SECOND]
        want = {"blocks": {key: [block[i] for block in self.blocks] for i, key in enumerate(TABLE)},
                "events": {NAMES[kind]: len(of[kind]) for kind in KINDS}, "outputBytes": len(self.output),
                "inputBytes": sum(len(data) for _, data in of[INPUT]), "durationNs": times[-1],
                "largestGapNs": max([b - a for a, b in zip(times, times[1:])], default=0),
                "markers": [[time, label.decode()] for time, label in of[MARKER][:LISTED]], "resizes": of[RESIZE][:LISTED],
                "gaps": sorted(heapq.nlargest(256, pauses, key=lambda pause: pause[1])), "histogram": {},
                "truncated": max(len(of[MARKER]), len(of[RESIZE])) > LISTED, "chain": self.chain.hexdigest(),
                **({"generations": self.generations} if self.generations > 1 else {})}
        for key in want:
            need(same(got.get(key), want[key]), f"{key} of the INDEX does not agree with the blocks")
        step, bins = got["histogram"].get("stepNs"), got["histogram"].get("bytes")
        need(step in [MS << i for i in range(34)] and isinstance(bins, list) and len(bins) <= 512, "histogram has a wrong form")
        for time, data in of[OUTPUT]:  # any step that fits will do, and so will zeros at the end
            need(time // step < len(bins), "histogram of the INDEX is too short")
            bins[time // step] -= len(data)
        need(same(bins, [0] * len(bins)), "histogram of the INDEX does not agree with the blocks")

def main(path):
    try:
        with open(path, "rb") as file:
            reader = Reader(file.read(), sys.stdout.buffer.write)
        reader.read()
        zstd = subprocess.run(["zstd", "-dcq", "--", path], capture_output=True)
        need(zstd.returncode == 0 and zstd.stdout == reader.output, "zstd -dc gives other output", 0)
    except OSError as error:
        sys.exit(f"{path}: {error}")
    except (ValueError, TypeError, struct.error) as error:  # the latter: fields of another type or cut, numbers over 63 bits
        what, at = error.args if len(error.args) == 2 else (error, reader.at)
        sys.exit(f"{path}: byte {at}: {what}")

if __name__ == "__main__":
    main(*sys.argv[1:])
