import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/envelope/json.ts';
import { compileField, numberFromColumn } from '../../src/record/field.ts';

describe('compileField', () => {
  test.each<[string, Json, Json | undefined]>([
    ['status', { status: 200 }, 200],
    ['status', { other: 1 }, undefined],
    ['status', 'status', undefined],
    ['status', null, undefined],
    ['status', [1], undefined],
    ['user.age', { user: { age: 7 } }, 7],
    ['user.age', { 'user.age': 8, user: { age: 7 } }, 8],
    ['user.age', { user: 'text' }, undefined],
    ['a.b.c', { a: { b: { c: 1n } } }, 1n],
    ['constructor', {}, undefined],
    ['__proto__', {}, undefined],
    ['__proto__', JSON.parse('{"__proto__":1}') as Json, 1],
    ['toString.name', {}, undefined],
    ['$1', ' GET /path  200', 'GET'],
    ['$3', ' GET /path  200', '200'],
    ['$4', ' GET /path  200', undefined],
    ['$2', 'GET -', undefined],
    ['$1', { $1: 'member' }, 'member'],
    ['$0', ' the line ', ' the line '],
    ['$0', { a: 1 }, { a: 1 }],
  ])('%s of %o', (name, record, value) => {
    expect(compileField(name)(record)).toEqual(value);
  });
});

test.each([
  ['12', 12],
  ['-1.5', -1.5],
  ['+.5', 0.5],
  ['3.', 3],
  ['1e3', 1000],
  ['1e', '1e'],
  ['0x10', '0x10'],
  ['Infinity', 'Infinity'],
  ['', ''],
  ['1,5', '1,5'],
])('the column %j as an aggregate takes it', (text, value) => {
  expect(numberFromColumn(text)).toBe(value);
});
