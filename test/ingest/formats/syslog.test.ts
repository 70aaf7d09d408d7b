import { describe, expect, test } from 'vitest';
import { readLine, readLines } from './support.ts';

describe('syslog', () => {
  test.each([
    [
      'Dec 10 06:55:46 LabSZ sshd[24200]: Invalid user x from 192.0.2.1',
      {
        timestamp: 'Dec 10 06:55:46',
        hostname: 'LabSZ',
        appname: 'sshd',
        procid: 24_200,
        message: 'Invalid user x from 192.0.2.1',
      },
    ],
    [
      "<34>Oct  1 22:14:15 mymachine su: 'su root' failed",
      {
        facility: 'auth',
        severity: 'crit',
        timestamp: 'Oct  1 22:14:15',
        hostname: 'mymachine',
        appname: 'su',
        message: "'su root' failed",
      },
    ],
    [
      'Oct 1 02:03:04 web su: x',
      { timestamp: 'Oct 1 02:03:04', hostname: 'web', appname: 'su', message: 'x' },
    ],
    [
      '2026-03-01T10:00:00.123456+01:00 web kernel: [ 12.5] eth0: up',
      {
        timestamp: '2026-03-01T10:00:00.123456+01:00',
        hostname: 'web',
        appname: 'kernel',
        message: '[ 12.5] eth0: up',
      },
    ],
    [
      'Oct 11 22:14:15 web last message repeated 2 times',
      { timestamp: 'Oct 11 22:14:15', hostname: 'web', message: 'last message repeated 2 times' },
    ],
    [
      'Oct 11 22:14:15 web app:',
      { timestamp: 'Oct 11 22:14:15', hostname: 'web', appname: 'app', message: '' },
    ],
    [
      '<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [ex@1 a="b \\"c\\"" n="3"][other] \ufeffAn event',
      {
        facility: 'local4',
        severity: 'notice',
        timestamp: '2003-10-11T22:14:15.003Z',
        hostname: 'host',
        appname: 'evntslog',
        procid: null,
        msgid: 'ID47',
        structured_data: { 'ex@1': { a: 'b "c"', n: '3' }, other: {} },
        message: 'An event',
      },
    ],
    [
      '<0>1 - - - - - -',
      {
        facility: 'kern',
        severity: 'emerg',
        timestamp: null,
        hostname: null,
        appname: null,
        procid: null,
        msgid: null,
        message: '',
      },
    ],
  ])('%s', (line, record) => expect(readLine('syslog', line)).toEqual(record));

  test.each([
    ['hello', 'it does not begin with a time of syslog'],
    ['<999>Oct 11 22:14:15 h x', 'its priority is no number from 0 to 191'],
    ['2026-03-01T10:00:00Z INFO cache warm', 'there is no program behind its host'],
    ['<1', 'its priority is no number from 0 to 191'],
    ['Oct 11 22:14:15 host', 'there is no host behind its time'],
    ['<1>1 2003-10-11T22:14:15.003Z host', 'it ends at its hostname'],
    ['<1>1 - - - - - [x', 'its structured data is neither - nor like [id name="value"]'],
  ])('%j is rejected', (line, reason) =>
    expect(readLines('syslog', `${line}\n`).rejected).toEqual([`1: ${reason}`]),
  );
});
