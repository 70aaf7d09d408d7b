import { expect, test } from 'vitest';
import { PartBuilder } from '../../src/envelope/parts.ts';

test('payloads are joined by commas, and the builder is empty again', () => {
  const builder = new PartBuilder(100);
  builder.add(Buffer.from('1,2'), 2);
  builder.add(Buffer.alloc(0), 0);
  builder.add(Buffer.from('3'), 1);
  expect(builder.count).toBe(3);
  const taken = builder.take({ batch: 1 });
  expect(taken.header).toEqual({ batch: 1, n: 3 });
  expect(taken.payload.toString()).toBe('1,2,3');
  expect(builder.take({})).toEqual({ header: { n: 0 }, payload: Buffer.alloc(0) });
});

test('one payload larger than a part fits into an empty one', () => {
  const builder = new PartBuilder(4);
  const large = Buffer.from('"large"');
  expect(builder.isFullFor(large)).toBe(false);
  builder.add(large, 1);
  expect(builder.isFullFor(Buffer.from('1'))).toBe(true);
});

test('full counts the commas', () => {
  const builder = new PartBuilder(5);
  builder.add(Buffer.from('12'), 1);
  expect(builder.isFullFor(Buffer.from('34'))).toBe(false);
  expect(builder.isFullFor(Buffer.from('345'))).toBe(true);
});
