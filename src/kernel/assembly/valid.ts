// Input as every reader wants it: valid UTF-8, in a repaired copy where it is not.

import { cleanArea } from "./scratch";
import { isValid, sanitise } from "./utf8";

/** Length of what `validText` returned last. */
export let validLength: u32 = 0;

/** The text itself where it is valid, else where its copy is, good until the next call. */
export function validText(from: usize, length: u32): usize {
  if (isValid(from, length)) {
    validLength = length;
    return from;
  }
  const clean = cleanArea(length * 3);
  validLength = sanitise(from, length, clean);
  return clean;
}
