// The quick face of src/session: the program that holds terminals, which is to be small.
export { Holder, type HolderOptions } from "./holder/holder.js";
export { READY, READY_FD } from "./holder/start-holder.js";
