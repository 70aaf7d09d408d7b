// 64 bytes at a time → one bit per byte: the step before words and strings are cut out.

/**
 * Vectors of one byte sixteen times, to be loaded: written as constants in the code, the compiler would
 * make each anew for each use, which is several instructions.
 */
export const constants: usize = memory.data<u64>([
  0x0909090909090909, 0x0909090909090909,
  0x0404040404040404, 0x0404040404040404,
  0x2020202020202020, 0x2020202020202020,
  0x2222222222222222, 0x2222222222222222,
  0x5c5c5c5c5c5c5c5c, 0x5c5c5c5c5c5c5c5c,
  0x2c2c2c2c2c2c2c2c, 0x2c2c2c2c2c2c2c2c,
  0x1f1f1f1f1f1f1f1f, 0x1f1f1f1f1f1f1f1f,
  0x0a0a0a0a0a0a0a0a, 0x0a0a0a0a0a0a0a0a,
  0x3030303030303030, 0x3030303030303030,
  0x0d0d0d0d0d0d0d0d, 0x0d0d0d0d0d0d0d0d,
], 16);

/** Where in `constants` each is. */
export const NINE: usize = 0;
export const FOUR: usize = 16;
export const BLANK: usize = 32;
export const QUOTE: usize = 48;
export const BACKSLASH: usize = 64;
export const COMMA: usize = 80;
export const CONTROL: usize = 96;
export const NEWLINE: usize = 112;
export const ZERO: usize = 128;
export const RETURN: usize = 144;

/** Bits of the ASCII white space that JavaScript's \s knows: space, and \t \n \v \f \r. */
// @ts-ignore: decorator
@inline
function spaces16(bytes: v128, nine: v128, four: v128, space: v128): u64 {
  const control = i8x16.le_u(i8x16.sub(bytes, nine), four);
  return i8x16.bitmask(v128.or(control, i8x16.eq(bytes, space))) as u64;
}

// @ts-ignore: decorator
@inline
export function spaces64(at: usize, nine: v128, four: v128, space: v128): u64 {
  return (
    spaces16(v128.load(at), nine, four, space) |
    (spaces16(v128.load(at, 16), nine, four, space) << 16) |
    (spaces16(v128.load(at, 32), nine, four, space) << 32) |
    (spaces16(v128.load(at, 48), nine, four, space) << 48)
  );
}

/** Bits of the bytes equal to those of `byte`. */
// @ts-ignore: decorator
@inline
export function equal64(a: v128, b: v128, c: v128, d: v128, byte: v128): u64 {
  return (
    ((i8x16.bitmask(i8x16.eq(a, byte)) as u64)) |
    ((i8x16.bitmask(i8x16.eq(b, byte)) as u64) << 16) |
    ((i8x16.bitmask(i8x16.eq(c, byte)) as u64) << 32) |
    ((i8x16.bitmask(i8x16.eq(d, byte)) as u64) << 48)
  );
}

/** Bits of the bytes not above those of `byte`. */
// @ts-ignore: decorator
@inline
export function below64(a: v128, b: v128, c: v128, d: v128, byte: v128): u64 {
  return (
    ((i8x16.bitmask(i8x16.le_u(a, byte)) as u64)) |
    ((i8x16.bitmask(i8x16.le_u(b, byte)) as u64) << 16) |
    ((i8x16.bitmask(i8x16.le_u(c, byte)) as u64) << 32) |
    ((i8x16.bitmask(i8x16.le_u(d, byte)) as u64) << 48)
  );
}

/** Bit n of the result is the exclusive or of bits 0 to n: between an opening quote and its end, 1. */
// @ts-ignore: decorator
@inline
export function prefixXor(bits: u64): u64 {
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  return bits ^ (bits << 32);
}

/** 1 when the last block given to `escapedBytes` ends in a backslash that escapes the byte after it. */
export let escapeCarry: u64 = 0;

/**
 * Bits of the bytes behind a backslash that is not itself escaped: a run of backslashes escapes what
 * follows it when its length is odd (simdjson's method). `carried` is `escapeCarry` of the block before.
 */
export function escapedBytes(backslashes: u64, carried: u64): u64 {
  const even: u64 = 0x5555555555555555;
  backslashes &= ~carried;
  const behind = (backslashes << 1) | carried;
  const oddStarts = backslashes & ~even & ~behind;
  const evenRuns = oddStarts + backslashes;
  escapeCarry = (evenRuns < backslashes) as u64;
  return (even ^ (evenRuns << 1)) & behind;
}
