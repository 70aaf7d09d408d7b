// Decimal text ↔ numbers, always to the same result as JavaScript: what the exact short way here does
// not cover is asked of the host.

// @ts-ignore: decorator
@external("kernel", "parseNumber")
declare function parseElsewhere(at: usize, length: u32): f64;
// @ts-ignore: decorator
@external("kernel", "formatNumber")
declare function formatElsewhere(value: f64, to: usize): u32;

/** More than any number needs as text. */
export const NUMBER_ROOM: u32 = 32;

const powers: usize = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]);

/** End of the number read last; 0 when there was none. */
export let numberEnd: usize = 0;

// @ts-ignore: decorator
@inline
function isDigit(byte: u32): bool {
  return byte - 0x30 < 10;
}

/**
 * Reads a number as JSON spells it. With `loose` also as people write it in columns: a leading plus
 * and zeros, no digit before or after the point.
 */
export function parseNumber(from: usize, end: usize, loose: bool): f64 {
  let at = from;
  numberEnd = 0;
  const negative = at < end && load<u8>(at) == 0x2d;
  if (negative || (loose && at < end && load<u8>(at) == 0x2b)) at++;
  let mantissa: u64 = 0;
  let digits = 0;
  let scale = 0;
  const whole = at;
  while (at < end && isDigit(load<u8>(at))) {
    mantissa = mantissa * 10 + ((load<u8>(at) - 0x30) as u64);
    // Zeros in front count for nothing; beyond 15 digits the mantissa is not used.
    digits += (mantissa != 0) as i32;
    at++;
  }
  const wholeDigits = (at - whole) as i32;
  if (!loose && (wholeDigits == 0 || (wholeDigits > 1 && load<u8>(whole) == 0x30))) return 0;
  let pointDigits = 0;
  if (at < end && load<u8>(at) == 0x2e) {
    at++;
    const behind = at;
    while (at < end && isDigit(load<u8>(at))) {
      mantissa = mantissa * 10 + ((load<u8>(at) - 0x30) as u64);
      digits += (mantissa != 0) as i32;
      at++;
    }
    pointDigits = (at - behind) as i32;
    scale = -pointDigits;
    if (!loose && pointDigits == 0) return 0;
  }
  if (wholeDigits + pointDigits == 0) return 0;
  if (at < end && (load<u8>(at) | 0x20) == 0x65) {
    at++;
    const downwards = at < end && load<u8>(at) == 0x2d;
    if (downwards || (at < end && load<u8>(at) == 0x2b)) at++;
    const behind = at;
    let exponent = 0;
    while (at < end && isDigit(load<u8>(at))) {
      if (exponent < 100000) exponent = exponent * 10 + ((load<u8>(at) - 0x30) as i32);
      at++;
    }
    if (at == behind) return 0;
    scale += downwards ? -exponent : exponent;
  }
  numberEnd = at;
  // Mantissa and power of ten are both exact, so that one rounding gives the nearest double.
  if (digits <= 15 && scale >= -22 && scale <= 22) {
    let value = mantissa as f64;
    if (scale < 0) value /= load<f64>(powers + ((-scale) << 3));
    else value *= load<f64>(powers + (scale << 3));
    return negative ? -value : value;
  }
  return parseElsewhere(from, (at - from) as u32);
}

/**
 * Reads a column as a loose number. Most are up to eight digits, which become a number in three multiplications: of
 * neighbours, of pairs, of fours.
 */
export function parseColumn(from: usize, end: usize): f64 {
  const length = end - from;
  if (length > 8) return parseNumber(from, end, true);
  // The last digit in the highest byte, zeros for the places in front.
  let digits = (load<u64>(from) ^ 0x3030303030303030) << ((64 - (length << 3)) as u64);
  if (((digits | (digits + 0x7676767676767676)) & 0x8080808080808080) != 0) return parseNumber(from, end, true);
  digits = ((digits * (1 + (10 << 8))) >> 8) & 0x00ff00ff00ff00ff;
  digits = ((digits * (1 + (100 << 16))) >> 16) & 0x0000ffff0000ffff;
  digits = (digits * (1 + (10000 << 32))) >> 32;
  numberEnd = end;
  return digits as f64;
}

/** Writes a whole number; returns where the output goes on. */
export function writeWhole(value: u64, to: usize): usize {
  let digits = 1;
  for (let rest = value; rest >= 10; rest /= 10) digits++;
  const end = to + digits;
  let at = end;
  do {
    const next = value / 10;
    store<u8>(--at, (0x30 + (value - next * 10)) as u8);
    value = next;
  } while (value != 0);
  return end;
}

/** Writes a number as JSON.stringify does; needs NUMBER_ROOM. */
export function writeNumber(value: f64, to: usize): usize {
  if (value == trunc(value) && abs(value) < 9007199254740992) {
    if (value < 0) {
      store<u8>(to++, 0x2d);
      value = -value;
    }
    return writeWhole(value as u64, to);
  }
  return to + formatElsewhere(value, to);
}
