// The face of src/core: t2a's vocabulary, one type for each word. Imports nothing of ours and no node: module.
export * from "./cut.js";
export * from "./errors.js";
export * from "./event.js";
export * from "./format.js";
export * from "./gap.js";
export * from "./header.js";
export * from "./histogram.js";
export * from "./io.js";
export * from "./losses.js";
export * from "./markers.js";
export * from "./recording.js";
export * from "./seekable.js";
export * from "./signature.js";
export * from "./size.js";
export * from "./task.js";
export * from "./time.js";
export * from "./transforms.js";
