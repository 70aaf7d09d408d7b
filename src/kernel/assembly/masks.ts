// 64 bytes at a time → one bit per byte: the step before words and strings are cut out.

/** Bits of the ASCII white space that JavaScript's \s knows: space, and \t \n \v \f \r. */
// @ts-ignore: decorator
@inline
function spaces16(bytes: v128): u64 {
  const control = i8x16.le_u(i8x16.sub(bytes, i8x16.splat(9)), i8x16.splat(4));
  return i8x16.bitmask(v128.or(control, i8x16.eq(bytes, i8x16.splat(0x20)))) as u64;
}

// @ts-ignore: decorator
@inline
export function spaces64(at: usize): u64 {
  return (
    spaces16(v128.load(at)) |
    (spaces16(v128.load(at, 16)) << 16) |
    (spaces16(v128.load(at, 32)) << 32) |
    (spaces16(v128.load(at, 48)) << 48)
  );
}

/** Bits of the bytes equal to `wanted`. */
// @ts-ignore: decorator
@inline
export function equal64(a: v128, b: v128, c: v128, d: v128, wanted: i8): u64 {
  const byte = i8x16.splat(wanted);
  return (
    (i8x16.bitmask(i8x16.eq(a, byte)) as u64) |
    ((i8x16.bitmask(i8x16.eq(b, byte)) as u64) << 16) |
    ((i8x16.bitmask(i8x16.eq(c, byte)) as u64) << 32) |
    ((i8x16.bitmask(i8x16.eq(d, byte)) as u64) << 48)
  );
}

/** Bits of the control characters, which JSON text must not hold. */
// @ts-ignore: decorator
@inline
export function controls64(a: v128, b: v128, c: v128, d: v128): u64 {
  const last = i8x16.splat(0x1f);
  return (
    (i8x16.bitmask(i8x16.le_u(a, last)) as u64) |
    ((i8x16.bitmask(i8x16.le_u(b, last)) as u64) << 16) |
    ((i8x16.bitmask(i8x16.le_u(c, last)) as u64) << 32) |
    ((i8x16.bitmask(i8x16.le_u(d, last)) as u64) << 48)
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
