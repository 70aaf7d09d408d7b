// Hot path. A plain condition, such as `status>=500`: the value is found in the record's bytes, and the records that pass
// keep theirs. Where it is not plain to see (an escape, a member of a member, other characters than ASCII), that record
// is parsed, and record/condition.ts has the last word.
import {
  compileComparisons,
  compileCondition,
  mayTakeLong,
  tookTooLong,
  type Comparison,
} from '../record/condition.ts';
import { locatorFor, type Locator } from '../time/locate.ts';
import { longestMatch } from '../user-code/time-limit.ts';
import { MemberScanner, plainValue } from './member-scanner.ts';
import type { PartRecords } from './part-records.ts';
import type { Step } from './step.ts';

type Test = {
  readonly holds: Comparison['holds'];
  /** Which member of an object it is about; -1 where it may be a member of a member, or the record itself. */
  readonly member: number;
  /** For a column of a line. */
  readonly column: Locator | undefined;
};

/** Throws SluiceError('usage'). */
export function conditionStep(option: string, text: string, taskTimeout: number): Step {
  const holds = compileCondition(text);
  const test = new BytesTest(compileComparisons(text));
  const milliseconds = Math.min(longestMatch, taskTimeout);
  return {
    option,
    keeps: true,
    visit: (record, give) => {
      if (holds(record)) give(record);
    },
    stays: (part, index) => test.holds(part, index) ?? holds(part.record(index)),
    limit: mayTakeLong(text) ? { milliseconds, reason: tookTooLong(text, milliseconds) } : undefined,
  };
}

class BytesTest {
  readonly #alternatives: readonly (readonly Test[])[];
  readonly #scanner: MemberScanner;

  constructor(comparisons: readonly (readonly Comparison[])[]) {
    const names = [...new Set(comparisons.flat().map(({ fieldName }) => fieldName))];
    this.#scanner = new MemberScanner(names);
    this.#alternatives = comparisons.map((all) =>
      all.map(({ fieldName, holds }) => ({
        holds,
        member: fieldName === '$0' || fieldName.includes('.') ? -1 : names.indexOf(fieldName),
        column: /^\$\d+$/.test(fieldName) ? locatorFor(fieldName) : undefined,
      })),
    );
  }

  /** Undefined where the bytes do not tell. */
  holds(part: PartRecords, index: number): boolean | undefined {
    const start = part.start(index);
    const end = this.#scanner.scan(part.text, start);
    part.endsAt(index, end);
    for (const all of this.#alternatives) {
      let fit = true;
      for (const test of all) {
        const value = this.#valueOf(test, part.text, start, end);
        if (value === undefined) return undefined;
        fit = test.holds(value);
        if (!fit) break;
      }
      if (fit) return true;
    }
    return false;
  }

  #valueOf(
    { member, column }: Test,
    text: string,
    start: number,
    end: number,
  ): ReturnType<typeof plainValue> {
    const { isPlain, places } = this.#scanner;
    if (!isPlain) return column?.(text, start, end);
    if (member === -1) return undefined;
    const place = places[member] as number;
    return place === -1 ? null : plainValue(text, place);
  }
}
