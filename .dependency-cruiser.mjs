// The import floors of docs/architecture.md, as rules. A folder imports only lower floors, only through their index.ts,
// and never in circles; type imports count. Libraries that only one folder may see are listed at the end.

/** Folders by floor. `formats` stands at the top level, the others under src/. */
const FLOORS = [
  ["core"],
  ["files", "codec", "terminal", "pty", "security", "config", "shell", "history"],
  ["formats"],
  ["record", "play", "analyze", "render", "store"],
  ["library"],
  ["session"],
  ["server"],
  ["cli"],
];

const pathOf = (folder) => (folder === "formats" ? "^formats/" : `^src/${folder}/`);
const FOLDERS = FLOORS.flat();

const floorRules = FLOORS.flatMap((folders, floor) =>
  folders.map((folder) => ({
    name: `floor-${floor}-${folder}`,
    comment: `${folder} imports only floors below ${floor}`,
    severity: "error",
    from: { path: pathOf(folder) },
    to: { path: FLOORS.slice(floor).flat().filter((other) => other !== folder).map(pathOf).concat("^src/index\\.ts$") },
  })),
);

/** The face of a folder is its index.ts; some have a second one: what only lists must not load what reads recordings, nor all drivers. */
const SECOND_FACES = { library: "|kept", store: "|storages|session", session: "|client/index|holding" };
const faceOf = (folder) => `${pathOf(folder)}(index${SECOND_FACES[folder] ?? ""})\\.ts$`;

const faceRules = FOLDERS.filter((folder) => folder !== "cli").map((folder) => ({
  name: `face-${folder}`,
  comment: `${folder} is imported through its face only`,
  severity: "error",
  from: { pathNot: pathOf(folder) },
  to: { path: pathOf(folder), pathNot: faceOf(folder) },
}));

/** Libraries and who alone may import them. */
const ONLY_IN = [
  ["node_modules/(@lydell/)?node-pty", ["pty"]],
  ["node_modules/@xterm/", ["terminal"]],
  ["node_modules/ansi-parser", ["terminal"]],
  ["node_modules/(zstd-napi|unbzip2-stream|xz-decompress)", ["codec"]],
  ["^zlib$", ["codec"]],
  ["node_modules/koffi", ["files", "pty"]],
  ["node_modules/(commander|cli-table3|cli-progress)", ["cli"]],
  ["node_modules/diff/", ["analyze"]],
  ["node_modules/zod", ["config", "analyze", "store", "session", "server"]],
  ["node_modules/smol-toml", ["config"]],
  ["node_modules/better-sqlite3", ["history", "store"]],
  ["node_modules/(pg|@aws-sdk)", ["store"]],
  ["node_modules/tar-stream", ["library"]],
  ["node_modules/(fastify|@fastify|pino)", ["server"]],
  ["node_modules/ws/", ["session", "server"]],
  ["node_modules/(pidusage|pidtree)", ["session"]],
  ["node_modules/hyparquet-writer", ["analyze"]],
];

export default {
  forbidden: [
    ...floorRules,
    ...faceRules,
    {
      name: "formats-are-given",
      comment: "floor 3 gets formats as objects through core's interfaces",
      severity: "error",
      from: { path: FLOORS[3].map(pathOf) },
      to: { path: "^formats/" },
    },
    {
      name: "core-is-pure",
      comment: "core imports no node: module and no package",
      severity: "error",
      from: { path: "^src/core/" },
      to: { pathNot: "^src/core/" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    ...ONLY_IN.map(([library, folders]) => ({
      name: `only-${folders.join("-")}-sees-${library.replace(/[^a-z-]+/g, "-")}`,
      severity: "error",
      from: { pathNot: folders.map(pathOf) },
      to: { path: library },
    })),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default", "types"] },
  },
};
