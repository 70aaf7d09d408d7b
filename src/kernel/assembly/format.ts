// How a row of a table is written as JSON: a list of cells, put into memory by wasm.ts.
// Cell: +0 kind, +4 which part or value, +8 address and +12 length of the bytes that stand before it.
// The last cell is END; before it stand the bytes that close the row.

export const CELL: u32 = 16;

export const END: u32 = 0;
/** The key as a JSON string. */
export const KEY: u32 = 1;
/** One part of a key made of JSON texts with zero bytes between them. */
export const PART: u32 = 2;
export const COUNT: u32 = 3;
export const VALUE_COUNT: u32 = 4;
export const SUM: u32 = 5;
export const LEAST: u32 = 6;
export const GREATEST: u32 = 7;
export const AVERAGE: u32 = 8;
/** The sum, 0 where there is no value. */
export const TOTAL: u32 = 9;
/** A number worked out elsewhere; it is not read back. */
export const RESULT: u32 = 10;

/** Set in a cell's kind: a row read back that has this number has one value more. */
export const COUNTS_ONE: u32 = 1 << 8;

/** What `"_other"` is as JSON, written for every part of the overflow group's key. */
export const other: usize = memory.data<u8>([0x22, 0x5f, 0x6f, 0x74, 0x68, 0x65, 0x72, 0x22]);
export const OTHER_LENGTH: u32 = 8;
