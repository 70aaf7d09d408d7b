// The twin's side of the format in assembly/merge.ts: a whole table as bytes.

import { headBytes, magic, readHead } from './exported.ts';
import { TwinGroup } from './twin-group.ts';

const valueBytes = 40;

export function exportGroups(
  groups: readonly TwinGroup[],
  overflow: TwinGroup | undefined,
  values: number,
): ArrayBuffer {
  const rows = overflow === undefined ? groups : [overflow, ...groups];
  const fixed = 12 + values * valueBytes;
  const bytes = new ArrayBuffer(rows.reduce((sum, { key }) => sum + fixed + key.length, headBytes));
  const data = new DataView(bytes);
  [magic, values, rows.length, overflow === undefined ? 0 : 1].forEach((word, index) =>
    data.setUint32(index * 4, word, true),
  );
  let at = headBytes;
  for (const { key, count, values: kept } of rows) {
    data.setUint32(at, key.length, true);
    data.setBigUint64(at + 4, BigInt(count), true);
    at += 12;
    for (const { count: many, sum, lost, least, greatest } of kept) {
      [many, sum, lost, least, greatest].forEach((number, index) =>
        data.setFloat64(at + index * 8, number, true),
      );
      at += valueBytes;
    }
    at += Buffer.from(bytes, at).write(key, 'latin1');
  }
  return bytes;
}

export function importGroups(
  bytes: ArrayBuffer,
  values: number,
): { group: TwinGroup; isOverflow: boolean }[] {
  const { rows, hasOverflow } = readHead(bytes, values);
  const data = new DataView(bytes);
  const groups = [];
  let at = headBytes;
  for (let row = 0; row < rows; row++) {
    const length = data.getUint32(at, true);
    const keyAt = at + 12 + values * valueBytes;
    const group = new TwinGroup(Buffer.from(bytes, keyAt, length).toString('latin1'), values);
    group.count = Number(data.getBigUint64(at + 4, true));
    at += 12;
    for (const value of group.values) {
      value.count = data.getFloat64(at, true);
      value.sum = data.getFloat64(at + 8, true);
      value.lost = data.getFloat64(at + 16, true);
      value.least = data.getFloat64(at + 24, true);
      value.greatest = data.getFloat64(at + 32, true);
      at += valueBytes;
    }
    groups.push({ group, isOverflow: hasOverflow && row === 0 });
    at = keyAt + length;
  }
  return groups;
}
