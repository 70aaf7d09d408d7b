// Lines of JSON → the inside of a JSON array, each value checked as JSON.parse would, and in its own bytes.

import { lineEnd } from "./objects";
import { setCoding } from "./result";
import { valueEnd } from "./skip";
import { skipSpace } from "./tokens";
import { isValid } from "./utf8";

/**
 * Blank lines are passed over; stops ahead of the first line that is no JSON value. Returns the number of lines. The
 * output needs as much room as the input, and 32 bytes.
 */
export function encodeValues(from: usize, length: u32, out: usize): u32 {
  const end = isValid(from, length) ? from + length : from;
  let at = from;
  let to = out;
  let lines: u32 = 0;
  let values: u32 = 0;
  while (at < end) {
    const stop = lineEnd(at, end);
    const start = skipSpace(at, stop);
    if (start < stop) {
      const after = valueEnd(start, stop);
      if (after == 0 || skipSpace(after, stop) != stop) break;
      store<u8>(to, 0x2c);
      to += (values > 0) as usize;
      memory.copy(to, start, after - start);
      to += after - start;
      values++;
    }
    at = min(stop + 1, end);
    lines++;
  }
  setCoding(values, (at - from) as u32, (to - out) as u32, 0);
  return lines;
}
