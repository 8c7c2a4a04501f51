// The library: everything the command line is made of, as typed exports.
export * from "../formats/index.js";
export * from "./analyze/index.js";
export * from "./codec/index.js";
export * from "./config/index.js";
export * from "./core/index.js";
export * from "./files/index.js";
export * from "./history/index.js";
export * from "./library/index.js";
export * from "./play/index.js";
export * from "./pty/index.js";
export * from "./record/index.js";
export * from "./security/index.js";
export * from "./session/index.js";
export * from "./store/index.js";
export * from "./store/storages.js";
export * from "./terminal/index.js";
