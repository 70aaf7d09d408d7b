import { expect, test } from 'vitest';
import type { Interval } from '../../src/envelope/envelope.ts';
import { PaneStore } from '../../src/window/pane-store.ts';

const pane = (start: number, end: number): { start: number; end: number } => ({ start, end });

function close(store: PaneStore<string>, window: Interval): string[] {
  const inside = store.inside(window);
  store.release(window);
  return inside;
}

test('what is held for a pane is made once', () => {
  const store = new PaneStore<string[]>();
  store.at(pane(0, 10), () => []).push('a');
  store.at(pane(0, 10), () => []).push('b');
  expect(store.takeAll()).toEqual([{ pane: pane(0, 10), held: ['a', 'b'] }]);
  expect(store.takeAll()).toEqual([]);
});

test('a window gets its panes, oldest first, and lets go of those no later one needs', () => {
  // |0........|10.......|20.......|30.......|40       size 30, slide 10
  // [-----------0-30-------------)
  //           [-----------10-40------------)
  const store = new PaneStore<string>();
  for (const start of [10, 0, 20, 30]) store.at(pane(start, start + 10), () => `from ${start}`);
  expect(close(store, pane(0, 30))).toEqual(['from 0', 'from 10', 'from 20']);
  expect(close(store, pane(10, 40))).toEqual(['from 10', 'from 20', 'from 30']);
  expect(store.takeAll().map(({ held }) => held)).toEqual(['from 20', 'from 30']);
});

test('a window without a pane is empty', () => {
  const store = new PaneStore<string>();
  store.at(pane(50, 60), () => 'later');
  expect(close(store, pane(0, 30))).toEqual([]);
  expect(store.takeAll()).toHaveLength(1);
});
