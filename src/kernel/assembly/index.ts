// The kernel's exports; `wasm.ts` gives them their typed face, `kernel.ts`. Some are not called from there: the bodies of long loops,
// which V8 compiles well while they run, and exchanges between two calls only. Unless exported they become part of the loop.

export { allocate, release } from "./memory";
export { createTable, freeTable, setSeed } from "./table";
export {
  addToGroup, clearTable, countGroup, entryOfGroup, groupOf, hasOverflow, keyOf, lengthOf, sizeOf, valueOf,
} from "./groups";
export { encodeLines } from "./lines";
export { encodeValues } from "./value-lines";
export { encodeTemplate } from "./template";
export { countWords } from "./words";
export { countPayload } from "./payload";
export { addLines, addStrings } from "./columns";
export { addObjects } from "./objects";
export { listAt, listBytes, readValues } from "./list";
export { countChunk, orderTable, placeChunk } from "./order";
export { hasPlainRows } from "./plain";
export { resultsOf, writeRows } from "./rows";
export { addRows } from "./scan-rows";
export { layOutRows, writeCells } from "./lay-out";
export { absorbRows, exportBytes, exportTable, mergeTable } from "./merge";
export { enterTable, exportEntered, leaveTable } from "./enter";
export { consumed, damaged, faultOffset, faultRecord, produced, records } from "./result";
