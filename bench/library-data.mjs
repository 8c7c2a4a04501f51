// Text as terminals show it, the same each time: words with a long tail, commands, paths, logs, some Chinese, Japanese and Korean.

/** Numbers from 0 to 1, the same for the same seed. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ONSETS =
  "b br c ch cl cr d dr f fl fr g gl gr h j k l m n p pl pr qu r s sc sh sl sp st str t th tr v w x y z".split(" ");
const VOWELS = "a e i o u ai ea ee ie io oa oo ou y".split(" ");
const CODAS = ["", "", "", ..."b c ck d ft g l ll m mp n nd ng nt p r rd rk rm rt s ss st t th x".split(" ")];
const CJK =
  "세션이 시작되었다 오류가 발생했습니다 파일을 찾을 수 없습니다 設定 漢字 変換 端末 記録 再生 失敗 成功 接続 文件 错误 会话 终端 保存 加载 完成".split(
    " ",
  );
const COMMANDS = [
  "ls -la",
  "git status",
  "git log --oneline",
  "make test",
  "npm run build",
  "cargo test --all",
  "docker ps -a",
  "kubectl get pods",
  "cd src",
  "vim README.md",
  "grep -rn TODO .",
  "ssh host-7",
  "tail -f app.log",
  "curl -s localhost:8080/health",
  "psql -c 'select 1'",
];

/** Words, the first of them by far the most frequent. */
const VOCABULARY = (() => {
  const random = randomFrom(7);
  const words = new Set();
  const some = (parts) => parts[Math.floor(parts.length * random() ** 1.5)];
  while (words.size < 60_000) {
    let word = "";
    for (let n = Math.floor(random() * 3); n >= 0; n--) word += some(ONSETS) + some(VOWELS) + some(CODAS);
    words.add(word);
  }
  return [...words];
})();

/** Zipf's law, about: rank r with a weight of 1/r. */
function anyWord(random) {
  return VOCABULARY[Math.floor(VOCABULARY.length ** random()) - 1];
}

/** What a recording is about: words that it has again and again. */
let own = VOCABULARY;

function word(random) {
  return random() < 0.75 ? own[Math.floor(own.length ** random()) - 1] : anyWord(random);
}

const hex = (random, length) =>
  Math.floor(random() * 16 ** Math.min(length, 8))
    .toString(16)
    .padStart(length, "0");
const two = (n) => String(n).padStart(2, "0");

function line(random) {
  const kind = random();
  if (kind < 0.3) {
    const time = `2026-11-${two(1 + Math.floor(random() * 28))}T${two(Math.floor(random() * 24))}:${two(Math.floor(random() * 60))}:${two(Math.floor(random() * 60))}.${hex(random, 3)}Z`;
    const level = random() < 0.85 ? "INFO" : random() < 0.8 ? "WARN" : "ERROR";
    return `${time} ${level} ${word(random)}.${word(random)}: ${words(random, 3 + Math.floor(random() * 6))} id=${hex(random, 8)}`;
  }
  if (kind < 0.5) {
    return `-rw-r--r-- 1 ${word(random)} ${word(random)} ${String(Math.floor(random() * 1e6)).padStart(7)} Nov ${1 + Math.floor(random() * 28)} ${two(Math.floor(random() * 24))}:${two(Math.floor(random() * 60))} ${word(random)}.${["ts", "js", "c", "h", "py", "log"][Math.floor(random() * 6)]}`;
  }
  if (kind < 0.6) return `src/${word(random)}/${word(random)}.ts:${Math.floor(random() * 900)}: ${words(random, 5)}`;
  if (kind < 0.65) return `user@host:~/${word(random)}$ ${COMMANDS[Math.floor(random() * COMMANDS.length)]}`;
  if (kind < 0.67) return Array.from({ length: 5 }, () => CJK[Math.floor(random() * CJK.length)]).join(" ");
  if (kind < 0.72) return `${hex(random, 8)}${hex(random, 8)}${hex(random, 8)} ${word(random)}/${word(random)}`;
  return words(random, 4 + Math.floor(random() * 12));
}

function words(random, count) {
  return Array.from({ length: count }, () => word(random)).join(" ");
}

/** A recording's text: passages of at most 12 KB or 160 lines, and its commands. */
export function recordingText(number, bytes) {
  const random = randomFrom(number * 7919 + 13);
  own = Array.from({ length: 200 }, () => anyWord(random));
  const passages = [];
  let lines = [];
  let size = 0;
  let all = 0;
  let timeNs = 0;
  while (all < bytes) {
    // Much of what a terminal shows it has just shown: the same program run again.
    const text = random() < 0.3 && lines.length > 0 ? lines[Math.floor(random() * lines.length)].text : line(random);
    timeNs += Math.floor(random() * 3e8);
    lines.push({ timeNs, text });
    size += text.length + 1;
    all += text.length + 1;
    if (lines.length < 160 && size < 12_288) continue;
    passages.push({ lines });
    lines = [];
    size = 0;
  }
  // One word that nothing else has.
  lines.push({ timeNs, text: `needle${String(number).padStart(6, "0")} only here` });
  passages.push({ lines });
  const commands = Array.from({ length: 20 }, (_, at) => ({
    number: at + 1,
    line: `${COMMANDS[Math.floor(random() * COMMANDS.length)]} ${word(random)}`,
    cwd: `/home/user/${word(random)}`,
    startNs: Math.floor((timeNs * at) / 20),
    durationNs: 1e9,
    exitStatus: random() < 0.1 ? 1 : 0,
  }));
  return { passages, commands, bytes: all };
}

/** The fixed questions, by kind. `a`: anywhere. */
export function questions(recordings) {
  const a = (...texts) => ({ all: texts.map((text) => ({ text, match: "anywhere" })), none: [], sessions: {} });
  const at = (share) => `needle${String(Math.floor(recordings * share)).padStart(6, "0")}`;
  const [w, random] = [VOCABULARY, randomFrom(99)];
  const rare = () => w[20_000 + Math.floor(random() * 40_000)];
  return {
    "one place in all": [a(at(0.1)), a(at(0.5)), a(at(0.97)), a(`${at(0.3)} only here`)],
    "rare word": [a(rare()), a(rare()), a(rare()), a(rare()), a(rare())],
    "common word": [a(w[0]), a(w[3]), a("error"), a("info")],
    "two words": [a(rare(), w[5]), a(w[100], w[2000]), a("error", rare())],
    phrase: [a(`${w[0]} ${w[1]}`), a("git log --oneline"), a(`${w[2]} ${w[700]} ${w[1]}`)],
    prefix: [rare(), "kubec", "docker p"].map((text) => ({ ...a(), all: [{ text, match: "prefix" }] })),
    "one and two letters": [a("q"), a("zz"), a("x9"), a("no")],
    "three letters": [a("git"), a("ing"), a("the"), a("zqx"), a("npm")],
    "Chinese, Japanese, Korean": [a("세션"), a("漢字"), a("失"), a("错误"), a("찾을 수")],
    not: [
      { ...a("error"), none: [{ text: w[0], match: "anywhere" }] },
      { ...a(rare()), none: [{ text: "info", match: "anywhere" }] },
    ],
    field: [
      { ...a("make"), exit: { status: 0, isNot: true } },
      { ...a(w[50]), sessions: { tags: ["tag7"] } },
      { ...a(rare()), sessions: { host: "host3" } },
      { ...a("kubectl"), kinds: ["command"], cwd: `/home/user/${w[10]}` },
    ],
    "nothing found": [a("zzzzyyyxq"), a("connection refused by wolves"), a("漢漢漢"), a(`${w[9]}${w[8]}${w[7]}`)],
    "regular expression": [
      { ...a(), pattern: /needle0+7\d only/u },
      { ...a(), pattern: /^src\/.*\.ts:8\d\d: /u },
    ],
    near: [
      { ...a("kubctl"), isFuzzy: true },
      { ...a("deplyo"), isFuzzy: true },
    ],
  };
}
