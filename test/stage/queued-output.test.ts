import { expect, test } from 'vitest';
import { endEnvelope, type Envelope } from '../../src/envelope/envelope.ts';
import { ReaderGone } from '../../src/stage/output.ts';
import { QueuedOutput } from '../../src/stage/queued-output.ts';
import { envelope } from '../helpers/envelopes.ts';

/** An output that is through with an envelope once it is told. */
class SlowOutput {
  readonly written: string[] = [];
  readonly #turns: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  write({ header, payload }: Envelope): Promise<void> {
    this.written.push(header.end ?? String(payload).slice(0, 4));
    return new Promise((resolve, reject) => this.#turns.push({ resolve, reject }));
  }

  async go(error?: unknown): Promise<void> {
    const turn = this.#turns.shift();
    if (error === undefined) turn?.resolve();
    else turn?.reject(error);
    await new Promise(setImmediate);
  }
}

const settledOf = async (promise: Promise<void> | void): Promise<string> =>
  Promise.race([
    Promise.resolve(promise).then(() => 'done'),
    new Promise((resolve) => setImmediate(resolve)).then(() => 'waits'),
  ]);

test('nobody waits for a busy output, and what is written comes in order', async () => {
  const slow = new SlowOutput();
  const output = new QueuedOutput(slow);
  for (const text of ['a', 'b', 'c']) expect(output.write(envelope([text]))).toBeUndefined();
  expect(slow.written).toEqual(['"a"']);
  await slow.go();
  await slow.go();
  expect(slow.written).toEqual(['"a"', '"b"', '"c"']);
});

test('an end waits until all is written', async () => {
  const slow = new SlowOutput();
  const output = new QueuedOutput(slow);
  void output.write(envelope(['a']));
  const ending = output.write(endEnvelope('ok'));
  await slow.go();
  expect(slow.written).toEqual(['"a"', 'ok']);
  expect(await settledOf(ending)).toBe('waits');
  await slow.go();
  expect(await settledOf(ending)).toBe('done');
});

test('what waits is bounded: whoever writes more waits until there is room', async () => {
  const slow = new SlowOutput();
  const output = new QueuedOutput(slow);
  const large = 'x'.repeat(40 * 1024);
  expect(output.write(envelope([large]))).toBeUndefined();
  const second = output.write(envelope([large]));
  expect(await settledOf(second)).toBe('waits');
  await slow.go();
  expect(await settledOf(second)).toBe('done');
});

test.each([['full'], ['an end']])(
  'what fails meanwhile fails the next write, or one that waits: %s',
  async (why) => {
    const slow = new SlowOutput();
    const output = new QueuedOutput(slow);
    void output.write(envelope(['a']));
    const waiting = output.write(why === 'full' ? envelope(['x'.repeat(70_000)]) : endEnvelope('ok'));
    const failed = expect(waiting).rejects.toThrow(ReaderGone);
    await slow.go(new ReaderGone());
    await failed;
    expect(() => output.write(envelope(['b']))).toThrow(ReaderGone);
    expect(slow.written).toEqual(['"a"']);
  },
);

test('where the stages fail, what came before is written', async () => {
  const slow = new SlowOutput();
  const output = new QueuedOutput(slow);
  for (const text of ['a', 'b']) void output.write(envelope([text]));
  const abandoned = output.abandon();
  await slow.go();
  await slow.go();
  await abandoned;
  expect(slow.written).toEqual(['"a"', '"b"']);
});

test('work is done behind what was written before it, also where that fails', async () => {
  const slow = new SlowOutput();
  const output = new QueuedOutput(slow);
  const done: string[] = [];
  output.behind(() => done.push('at once'));
  expect(done).toEqual(['at once']);
  for (const text of ['a', 'b']) void output.write(envelope([text]));
  output.behind(() => done.push('behind b'));
  await slow.go();
  expect(done).toEqual(['at once']);
  await slow.go(new ReaderGone());
  expect(done).toEqual(['at once', 'behind b']);
  expect(slow.written).toEqual(['"a"', '"b"']);
});
