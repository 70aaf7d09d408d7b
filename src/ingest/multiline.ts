// `--multiline`: which lines go on with the record of the line before. Stack traces of Java, JavaScript, .NET and Python, and
// whatever else is indented.
import type { Joining } from './joining.ts';

const space = 0x20;
const tab = 0x09;
const carriageReturn = 0x0d;
const closers = Buffer.from(')]}');
const openings = [
  'Caused by: ',
  'Suppressed: ',
  'Traceback (most recent call last):',
  'During handling of the above exception',
  'The above exception was the direct cause',
].map((text) => Buffer.from(text));
/** `java.lang.IllegalStateException: no`, behind the message that it was logged with. */
const exception = /^(?:[\w$]+\.)+[\w$]*(?:Exception|Error|Throwable)\b/;
const traceback = openings[2] as Buffer;

export class StackTraces implements Joining {
  readonly isOpen = true;
  /** Behind the indented lines of a Python trace one follows that is not, and says what was raised. */
  #isInTraceback = false;

  continues(bytes: Buffer, start: number, end: number): boolean {
    const first = bytes[start] as number;
    if (start === end || first === space || first === tab || first === carriageReturn) return true;
    const wasInTraceback = this.#isInTraceback;
    this.#isInTraceback = false;
    if (closers.includes(first) && end - start <= 3) return true;
    for (const opening of openings) {
      if (first !== opening[0] || !bytes.subarray(start, start + opening.length).equals(opening)) continue;
      this.#isInTraceback = opening === traceback;
      return true;
    }
    const isLowerCase = first >= 0x61 && first <= 0x7a;
    return (
      wasInTraceback ||
      (isLowerCase && exception.test(bytes.toString('latin1', start, Math.min(end, start + 200))))
    );
  }

  reset(): void {
    this.#isInTraceback = false;
  }
}
