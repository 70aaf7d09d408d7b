// UTF-8: is a text valid, and if not, the text as a WHATWG decoder would read it.
// Every reader of bytes asks `isValid` first, so that behind it bytes need no further care.
// The check is the lookup method of Keiser and Lemire, "Validating UTF-8 in less than one
// instruction per byte", 2020 (arXiv 2010.03090).

const TOO_SHORT: u8 = 1 << 0;
const TOO_LONG: u8 = 1 << 1;
const OVERLONG_3: u8 = 1 << 2;
const TOO_LARGE: u8 = 1 << 3;
const SURROGATE: u8 = 1 << 4;
const OVERLONG_2: u8 = 1 << 5;
const TOO_LARGE_1000: u8 = 1 << 6;
const OVERLONG_4: u8 = 1 << 6;
const TWO_CONTINUATIONS: u8 = 1 << 7;
const CARRY: u8 = TOO_SHORT | TOO_LONG | TWO_CONTINUATIONS;

/** Which errors the high half of the byte before allows. */
// @ts-ignore: decorator
@inline
function byFirstHigh(): v128 {
  return i8x16(
    TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
    TWO_CONTINUATIONS, TWO_CONTINUATIONS, TWO_CONTINUATIONS, TWO_CONTINUATIONS,
    TOO_SHORT | OVERLONG_2,
    TOO_SHORT,
    TOO_SHORT | OVERLONG_3 | SURROGATE,
    TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4,
  );
}

/** Which errors the low half of the byte before allows. */
// @ts-ignore: decorator
@inline
function byFirstLow(): v128 {
  const large: u8 = CARRY | TOO_LARGE | TOO_LARGE_1000;
  return i8x16(
    CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, CARRY | OVERLONG_2, CARRY, CARRY,
    CARRY | TOO_LARGE, large, large, large, large, large, large, large, large,
    large | SURROGATE, large, large,
  );
}

/** Which errors the high half of this byte allows. */
// @ts-ignore: decorator
@inline
function bySecondHigh(): v128 {
  const both: u8 = TOO_LONG | OVERLONG_2 | TWO_CONTINUATIONS;
  return i8x16(
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    both | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4,
    both | OVERLONG_3 | TOO_LARGE,
    both | SURROGATE | TOO_LARGE, both | SURROGATE | TOO_LARGE,
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
  );
}

/** Non-zero lanes where `now`, coming after `before`, breaks UTF-8. */
// @ts-ignore: decorator
@inline
function errorsIn(before: v128, now: v128): v128 {
  const one = i8x16.shuffle(before, now, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  const two = i8x16.shuffle(before, now, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  const three = i8x16.shuffle(before, now, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
  const special = v128.and(
    v128.and(
      i8x16.swizzle(byFirstHigh(), i8x16.shr_u(one, 4)),
      i8x16.swizzle(byFirstLow(), v128.and(one, i8x16.splat(0x0f))),
    ),
    i8x16.swizzle(bySecondHigh(), i8x16.shr_u(now, 4)),
  );
  const third = i8x16.sub_sat_u(two, i8x16.splat((0xe0 - 0x80) as i8));
  const fourth = i8x16.sub_sat_u(three, i8x16.splat((0xf0 - 0x80) as i8));
  const wanted = v128.and(v128.or(third, fourth), i8x16.splat(0x80 as u8 as i8));
  return v128.xor(wanted, special);
}

const tail: usize = memory.data(16, 16);

/** Whether the bytes are valid UTF-8. Reads up to 64 bytes past the end, where anything may be. */
export function isValid(from: usize, length: u32): bool {
  const end = from + length;
  const zero = i64x2.splat(0);
  let error = zero;
  let before = zero;
  let at = from;
  while (at + 64 <= end) {
    const a = v128.load(at);
    const b = v128.load(at, 16);
    const c = v128.load(at, 32);
    const d = v128.load(at, 48);
    if (i8x16.bitmask(v128.or(v128.or(a, b), v128.or(c, d))) == 0) {
      // Plain ASCII: all that can be wrong is a sequence cut off just before.
      error = v128.or(error, errorsIn(before, zero));
      before = zero;
      at += 64;
      // Text that is plain for long needs no more than this short loop.
      while (at + 64 <= end) {
        const next = v128.or(
          v128.or(v128.load(at), v128.load(at, 16)),
          v128.or(v128.load(at, 32), v128.load(at, 48)),
        );
        if (i8x16.bitmask(next) != 0) break;
        at += 64;
      }
    } else {
      error = v128.or(error, errorsIn(before, a));
      error = v128.or(error, errorsIn(a, b));
      error = v128.or(error, errorsIn(b, c));
      error = v128.or(error, errorsIn(c, d));
      before = d;
      at += 64;
    }
  }
  while (at + 16 <= end) {
    const a = v128.load(at);
    error = v128.or(error, errorsIn(before, a));
    before = a;
    at += 16;
  }
  // The rest, filled up with zero bytes: at least one, so that a sequence cut off at the end is seen.
  v128.store(tail, zero);
  memory.copy(tail, at, end - at);
  error = v128.or(error, errorsIn(before, v128.load(tail)));
  return !v128.any_true(error);
}

/**
 * Writes the text with each maximal broken part replaced by U+FFFD, as TextDecoder does; returns the
 * length written, at most three times the length read.
 */
export function sanitise(from: usize, length: u32, out: usize): u32 {
  const end = from + length;
  let at = from;
  let to = out;
  while (at < end) {
    const first = load<u8>(at) as u32;
    if (first < 0x80) {
      store<u8>(to++, first as u8);
      at++;
      continue;
    }
    // How many bytes follow, and the range of the first of them; later ones are always 80..BF.
    let wanted: u32 = 0;
    let lower: u32 = 0x80;
    let upper: u32 = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) wanted = 1;
    else if (first >= 0xe0 && first <= 0xef) {
      wanted = 2;
      if (first == 0xe0) lower = 0xa0;
      else if (first == 0xed) upper = 0x9f;
    } else if (first >= 0xf0 && first <= 0xf4) {
      wanted = 3;
      if (first == 0xf0) lower = 0x90;
      else if (first == 0xf4) upper = 0x8f;
    }
    let seen: u32 = 0;
    while (seen < wanted && at + seen + 1 < end) {
      const next = load<u8>(at + seen + 1) as u32;
      if (next < lower || next > upper) break;
      lower = 0x80;
      upper = 0xbf;
      seen++;
    }
    if (wanted != 0 && seen == wanted) {
      memory.copy(to, at, seen + 1);
      to += seen + 1;
    } else {
      store<u16>(to, 0xbfef);
      store<u8>(to, 0xbd, 2);
      to += 3;
    }
    at += seen + 1;
  }
  return (to - out) as u32;
}
