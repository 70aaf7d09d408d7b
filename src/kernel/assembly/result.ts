// What a call reports besides its return value: exported globals, read by wasm.ts right after the call.

/** Lines, strings or rows gone through. */
export let records: u32 = 0;
/** Bytes of input used up. */
export let consumed: u32 = 0;
/** Bytes of output written. */
export let produced: u32 = 0;
/** Lines that were not valid UTF-8, or values that were no number. */
export let damaged: u32 = 0;
/** Where the first fault is, in bytes from the start of the input. */
export let faultOffset: u32 = 0;
/** Which record it is in, from 0. */
export let faultRecord: u32 = 0;

/** Kinds of fault, the return value of the readers of JSON; `Fault` in kernel.ts has the same. */
export const FINE: u32 = 0;
export const NOT_STRING: u32 = 1;
export const MALFORMED: u32 = 2;
export const NOT_CANONICAL: u32 = 3;
export const NOT_OBJECT: u32 = 4;
export const TOO_DEEP: u32 = 5;

export function setRecords(value: u32): void {
  records = value;
}

export function setDamaged(value: u32): void {
  damaged = value;
}

export function setCoding(lines: u32, input: u32, output: u32, bad: u32): void {
  records = lines;
  consumed = input;
  produced = output;
  damaged = bad;
}

export function setFault(kind: u32, offset: u32, record: u32): u32 {
  faultOffset = offset;
  faultRecord = record;
  return kind;
}
