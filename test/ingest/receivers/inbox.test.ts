import { expect, test } from 'vitest';
import { Inbox, KnownIds, type Entry } from '../../../src/ingest/receivers/inbox.ts';

function entry(text: string, safe: string[] = []): Entry {
  return { bytes: Buffer.from(text), onSafe: () => safe.push(text) };
}

test('what is handed on is safe once more is asked for', async () => {
  const inbox = new Inbox();
  const safe: string[] = [];
  inbox.add(entry('a\n', safe));
  inbox.add(entry('b\n', safe));
  const reading = inbox.read();
  expect((await reading.next()).value?.toString()).toBe('a\nb\n');
  expect(safe).toEqual([]);
  const next = reading.next();
  await Promise.resolve();
  expect(safe).toEqual(['a\n', 'b\n']);
  inbox.end();
  expect((await next).done).toBe(true);
});

test('or as soon as somebody says so, once', async () => {
  const inbox = new Inbox();
  const safe: string[] = [];
  inbox.add(entry('a\n', safe));
  inbox.end();
  const reading = inbox.read();
  await reading.next();
  inbox.markSafe();
  expect(safe).toEqual(['a\n']);
  await reading.next();
  expect(safe).toEqual(['a\n']);
});

test('whose reader stops is not safe', async () => {
  const inbox = new Inbox();
  const safe: string[] = [];
  inbox.add(entry('a\n', safe));
  const reading = inbox.read();
  await reading.next();
  await reading.return(undefined);
  expect(safe).toEqual([]);
});

test('what is given up is lost, and never safe', async () => {
  const inbox = new Inbox();
  const [safe, lost]: string[][] = [[], []];
  const bytes = Buffer.from('x'.repeat(800_000));
  for (const name of ['taken', 'waiting'])
    inbox.add({ bytes, onSafe: () => safe?.push(name), onLost: () => lost?.push(name) });
  const reading = inbox.read();
  await reading.next();
  inbox.giveUp();
  inbox.markSafe();
  expect({ safe, lost }).toEqual({ safe: [], lost: ['taken', 'waiting'] });
});

test('what was taken back does not come, and what is on its way cannot be', async () => {
  const inbox = new Inbox();
  const [first, second] = [entry('a\n'), entry('b\n')];
  inbox.add(first);
  inbox.add(second);
  expect(inbox.withdraw(second)).toBe(true);
  inbox.end();
  const reading = inbox.read();
  expect((await reading.next()).value?.toString()).toBe('a\n');
  expect(inbox.withdraw(first)).toBe(false);
});

test('it is full, says when it is not any more, and small entries count as well', async () => {
  const inbox = new Inbox();
  let room = 0;
  inbox.whenRoom(() => (room += 1));
  let count = 0;
  for (; !inbox.isFull; count += 1) inbox.add(entry('\n'));
  expect(count).toBeLessThan(30_000);
  expect(room).toBe(0);
  inbox.end();
  let lines = 0;
  for await (const bytes of inbox.read()) lines += bytes.length;
  expect({ lines, room }).toEqual({ lines: count, room: 1 });
});

test('what fails is thrown behind what came before', async () => {
  const inbox = new Inbox();
  inbox.add(entry('a\n'));
  inbox.fail(new Error('gone'));
  const reading = inbox.read();
  expect((await reading.next()).value?.toString()).toBe('a\n');
  await expect(reading.next()).rejects.toThrow('gone');
});

test('lines whose id is known are left out, also those that are sent again at the same time', async () => {
  const known = new KnownIds();
  const inbox = new Inbox(known);
  const batch = (): Entry => ({
    bytes: Buffer.from('one\ntwo\nthree\n'),
    ids: [
      { start: 0, end: 4, id: '1' },
      { start: 4, end: 8, id: '2' },
    ],
  });
  inbox.add(batch());
  inbox.add(batch());
  inbox.end();
  const texts: string[] = [];
  for await (const bytes of inbox.read()) texts.push(bytes.toString());
  expect(texts).toEqual(['one\ntwo\nthree\nthree\n']);
  expect(known.left).toBe(2);
});

test('only the newest ids are known', () => {
  const known = new KnownIds();
  for (let id = 0; id <= 250_000; id += 1) known.add(String(id));
  expect(known.add('250000')).toBe(false);
  expect(known.add('1')).toBe(false);
  expect(known.add('0')).toBe(true);
});

test('ids are known in little memory, however long they are', () => {
  const known = new KnownIds();
  const long = (id: number): string => `${'x'.repeat(60_000)}${id}`;
  const before = process.memoryUsage().heapUsed;
  const ids = Array.from({ length: 2000 }, (_, index) => index);
  expect(ids.filter((id) => known.add(long(id)))).toHaveLength(2000);
  // All of them would be 120 MB.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(60 * 1024 * 1024);
  expect(ids.filter((id) => known.add(long(id)))).toHaveLength(0);
  expect(known.add(long(2000))).toBe(true);
});

test('what is left out stands anywhere', () => {
  const known = new KnownIds();
  known.add('1');
  known.add('3');
  const bytes = Buffer.from('zero\none\ntwo\nthree\nfour\n');
  const ids = [
    { start: 5, end: 9, id: '1' },
    { start: 9, end: 13, id: '2' },
    { start: 13, end: 19, id: '3' },
  ];
  expect(known.withoutKnown({ bytes, ids }).toString()).toBe('zero\ntwo\nfour\n');
});

test('entries of many ids fill it, however short they are', () => {
  const inbox = new Inbox();
  const ids = Array.from({ length: 50_000 }, (_, start) => ({ start, end: start + 1, id: String(start) }));
  const full: Entry = { bytes: Buffer.alloc(50_000, '\n'), ids };
  inbox.add(full);
  expect(inbox.isFull).toBe(true);
  expect(inbox.withdraw(full)).toBe(true);
  expect(inbox.isFull).toBe(false);
});
