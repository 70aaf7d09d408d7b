import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/envelope/json.ts';
import { compileCondition, mayTakeLong } from '../../src/record/condition.ts';
import { failureOf } from '../helpers/envelopes.ts';

describe('a condition', () => {
  const record = {
    status: 500,
    text: '500',
    path: '/api/v1',
    ok: true,
    none: null,
    empty: '',
    zip: '01234',
    user: { age: 7 },
    id: 9007199254740993n,
    list: [1, 2],
    'a b': 'x y',
  };

  test.each<[string, boolean]>([
    ['status=500', true],
    ['status==500', true],
    ['status=500.0', true],
    ['status!=500', false],
    ['status>499.5', true],
    ['status>500', false],
    ['status>=500', true],
    ['status<500', false],
    ['status<=5e2', true],
    [' status  >=  500 ', true],
    // Columns of logs are text.
    ['text=500', true],
    ['text>=5e1', true],
    ['text="500"', true],
    ['status="500"', false],
    ['zip=1234', true],
    ['zip="1234"', false],
    ['zip="01234"', true],
    ['path=/api/v1', true],
    ['path="/api/v1"', true],
    ['path>/api', true],
    ['path<500', false],
    ['path>500', false],
    ['path!=500', true],
    ['path~^/api/', true],
    ['path=~v\\d$', true],
    ['path!~^/api/', false],
    ['path~"^/api|x"', true],
    ['path~^/(a|b)pi', true],
    ['status~^5', true],
    ['list~2', true],
    ['ok=true', true],
    ['ok=false', false],
    ['ok="true"', false],
    ['ok>1', false],
    ['none=null', true],
    ['none!=null', false],
    ['missing=null', true],
    ['status=null', false],
    ['status!=null', true],
    ['missing=0', false],
    ['missing!=0', true],
    ['missing<0', false],
    ['missing~.', false],
    ['missing!~.', true],
    ['empty=""', true],
    ['empty!=""', false],
    ['zip!=salt and pepper', true],
    ['zip!="a and b=c"', true],
    ['user.age=7', true],
    ['a b=x y', true],
    ['id=9007199254740993', true],
    ['id=9007199254740992', false],
    ['id>9007199254740992', true],
    ['status=500 && ok=true', true],
    ['status=500 && ok=false', false],
    ['status=1 || ok=true', true],
    ['status=1 && ok=true || path~api', true],
    ['path="a && b" || path="c || d"', false],
    [String.raw`path="\"" || status=500`, true],
  ])('%s: %s', (text, expected) => {
    expect(compileCondition(text)(record)).toBe(expected);
  });

  test.each<[string, Json, boolean]>([
    ['$2>=400', 'GET 404', true],
    ['$2>=400', 'GET 200', false],
    ['$1=GET', 'GET 200', true],
    ['$3=null', 'GET -', true],
    ['$0~T 2', 'GET 200', true],
    ['a=1', 7, false],
  ])('%s of %j: %s', (text, line, expected) => {
    expect(compileCondition(text)(line)).toBe(expected);
  });

  test.each([
    '^(x+x+)+y$',
    '(x|x)*y',
    '(?:x?x)+y',
    '(?<a>x+)+y',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '^(a?){9}a',
    '.*a.*b.*c',
    '^a.*b.*c',
    'a.*b',
    '\\d+ms',
    'x{2,}y',
    '^a|b*c',
    '^.{0,5000}a.{0,5000}b',
    '^[+]*[*]+',
    '^(.)\\1',
    '(?<a>.)\\k<a>',
    'a?a?a?a?a?a?a?a?a?aaaaaaaaa',
    '^(?=.*a)(?=.*b)',
  ])('a pattern that needs a time limit: %s', (pattern) => {
    expect(mayTakeLong(`status>1 && $0~${pattern}`)).toBe(true);
  });

  test.each([
    '^/api/',
    'GET|POST',
    '^/api/.*',
    '^(?:GET|POST) /[a-z]+$',
    '\\*\\+[*+]',
    '\\d{3}',
    '^.{1,3}/.*',
  ])('a pattern that needs none: %s', (pattern) => expect(mayTakeLong(`$0~${pattern}`)).toBe(false));

  test.each([
    ['status', `usage: 'status' is no condition`],
    ['status>', `usage: 'status>' is no condition`],
    ['>5', `usage: '>5' is no condition`],
    ['a=1 &&', `usage: '' is no condition`],
    ['a=1 || b', `usage: 'b' is no condition`],
    ['a=1 and b=2', `usage: 'a=1 and b=2' reads as one comparison`],
    ['a>1 OR b~2', `usage: 'a>1 OR b~2' reads as one comparison`],
    ["path='/x'", `usage: 'path='/x'' has single quotes`],
    ["path ~ '^/x'", `usage: 'path ~ '^/x'' has single quotes`],
    ['!status=200', `usage: '!status=200' begins with what no field begins with`],
    ['not status=200', `usage: 'not status=200' begins with`],
    ['(a=1 || b=2) && c=3', `usage: '(a=1' begins with`],
    ['path~(', `usage: 'path~(': Invalid regular expression`],
  ])('%s: %s', (text, why) => {
    expect(failureOf(() => compileCondition(text))).toContain(why);
  });
});
