// What can happen to a log, and what is read of it. Numbers are those of the list of faults.
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { TestJob } from '../helpers/jobs.ts';
import { temporaryFolder } from '../helpers/temporary.ts';

/** A folder with a log, and what can happen to it. */
export function world(operand = 'app.log') {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  const write = (text: string, name = 'app.log'): void => appendFileSync(at(name), text);
  const pack = (name: string): void => {
    writeFileSync(at(`${name}.gz`), gzipSync(readFileSync(at(name))));
    unlinkSync(at(name));
  };
  const operands = operand
    .split(' ')
    .map((one) => (one.startsWith('dir:') ? `dir:${at(one.slice(4))}` : at(one)));
  const job = new TestJob(at('state'), operands);
  return {
    folder,
    at,
    job,
    write,
    pack,
    rename: (from: string, to: string) => renameSync(at(from), at(to)),
    copy: (from: string, to: string) => copyFileSync(at(from), at(to)),
    truncate: (name = 'app.log') => truncateSync(at(name)),
    remove: (name = 'app.log') => unlinkSync(at(name)),
    link: (target: string, name = 'app.log') => {
      rmSync(at(name), { force: true });
      symlinkSync(at(target), at(name));
    },
    /** As if it was written so many seconds ago. */
    age: (name: string, seconds: number) => {
      const time = Date.now() / 1000 - seconds;
      utimesSync(at(name), time, time);
    },
  };
}

export type World = ReturnType<typeof world>;

export type Case = {
  readonly name: string;
  readonly operand?: string;
  /** One after the other; between them the job has run, or, followed, a round. */
  readonly steps: readonly ((log: World) => void)[];
  readonly records: string;
  /** Each once. */
  readonly warnings?: string;
  /** What is followed stays open, and so is read to its end. */
  readonly isFollowed?: false;
};

const lost = 'app.log was begun anew: what was written to it before and not read yet is lost';

/** What holds for runs one after the other as for a run that follows. */
export const both: Case[] = [
  {
    name: 'what is added is read',
    steps: [({ write }) => write('a\nb\n'), ({ write }) => write('c\n')],
    records: 'a b c',
  },
  {
    name: 'a line that is half written waits for its end',
    steps: [({ write }) => write('a\nb'), ({ write }) => write('c'), ({ write }) => write('d\ne\n')],
    records: 'a bcd e',
  },
  {
    name: '(fault 9) renamed while behind: the old one is finished, then the new one read',
    steps: [
      ({ write }) => write('a\n'),
      ({ write, rename }) => {
        write('b\n');
        rename('app.log', 'app.log.1');
        write('c\n');
      },
      ({ write }) => write('d\n'),
    ],
    records: 'a b c d',
  },
  {
    name: '(fault 9) renamed, and nothing new is there yet',
    steps: [
      ({ write }) => write('a\n'),
      ({ write, rename }) => {
        write('b\n');
        rename('app.log', 'app.log.1');
      },
      ({ write }) => write('c\n'),
    ],
    records: 'a b c',
  },
  {
    name: '(faults 9 and 11) rotated several times in between',
    steps: [
      ({ write }) => write('a\n'),
      ({ write, rename }) => {
        write('b\n');
        rename('app.log', 'app.log.1');
        write('c\n');
        rename('app.log.1', 'app.log.2');
        rename('app.log', 'app.log.1');
        write('d\n');
        rename('app.log.2', 'app.log.3');
        rename('app.log.1', 'app.log.2');
        rename('app.log', 'app.log.1');
        write('e\n');
      },
    ],
    records: 'a b c d e',
  },
  {
    name: '(faults 9 and 10) copied and emptied, filled as far as before, renamed, and then packed',
    steps: [
      ({ write }) => write('a\n'),
      ({ write, copy, truncate, rename }) => {
        copy('app.log', 'app.log.2');
        truncate();
        write('b\n');
        rename('app.log', 'app.log.1');
        write('c\n');
      },
      ({ write, rename, pack }) => {
        rename('app.log.2', 'app.log.3');
        pack('app.log.1');
        rename('app.log.1.gz', 'app.log.2.gz');
        rename('app.log', 'app.log.1');
        write('d\n');
      },
    ],
    records: 'a b c d',
  },
  {
    name: '(fault 9) rotated under dates',
    steps: [
      ({ write }) => write('a\n'),
      ({ write, rename }) => {
        write('b\n');
        rename('app.log', 'app-2026-03-01.log');
        write('c\n');
        rename('app.log', 'app-2026-03-02.log');
        write('d\n');
      },
    ],
    records: 'a b c d',
  },
  {
    name: '(fault 9) what was rotated away before the first run is not read',
    steps: [
      ({ write, age }) => {
        write('old\n', 'app.log.1');
        age('app.log.1', 60);
        write('a\n');
      },
      ({ write, rename }) => {
        rename('app.log.1', 'app.log.2');
        rename('app.log', 'app.log.1');
        write('b\n');
      },
    ],
    records: 'a b',
  },
  {
    name: '(fault 9) other files beside it are none of it',
    steps: [
      ({ write }) => write('a\n'),
      ({ write, rename }) => {
        write('x\n', 'app.log.bak');
        write('x\n', 'app.log.index');
        write('x\n', 'apple.log');
        rename('app.log', 'app.log.1');
        write('b\n');
      },
    ],
    records: 'a b',
  },
  {
    name: '(fault 10) copied and emptied: the copy has the rest',
    steps: [
      ({ write }) => write('a\n'),
      ({ write, copy, truncate }) => {
        write('b\n');
        copy('app.log', 'app.log.1');
        truncate();
        write('c\n');
      },
      ({ write }) => write('d\n'),
    ],
    records: 'a b c d',
  },
  {
    name: '(fault 10) emptied: begun anew, with a warning',
    steps: [
      ({ write }) => write('a\nb\n'),
      ({ write, truncate }) => {
        truncate();
        write('c\n');
      },
      ({ write, truncate }) => {
        truncate();
        write('d\n');
      },
    ],
    records: 'a b c d',
    warnings: lost,
  },
  {
    name: '(fault 10) emptied, and longer by now than it was',
    steps: [
      ({ write }) => write('a\n'),
      ({ write, truncate }) => {
        truncate();
        write('c\nd\ne\nf\n');
      },
    ],
    records: 'a c d e f',
    warnings: lost,
  },
  {
    name: '(fault 12) an empty file',
    steps: [({ write }) => write(''), ({ write }) => write('a\n')],
    records: 'a',
  },
  {
    name: '(fault 12) replaced by a file with the same first line',
    steps: [
      ({ write }) => write('header\na\n'),
      ({ write, remove }) => {
        write('', 'keeps-the-inode');
        remove();
        write('header\nb\nc\n');
      },
    ],
    records: 'header a header b c',
    warnings: lost,
    isFollowed: false,
  },
  {
    name: '(fault 12) a link that leads to another file',
    steps: [
      ({ write, link }) => {
        write('a\n', 'first');
        link('first');
      },
      ({ write, link }) => {
        write('b\n', 'first');
        write('c\n', 'second');
        link('second');
      },
      ({ write }) => write('d\n', 'second'),
      ({ write, link }) => {
        write('e\n', 'first');
        link('first');
      },
    ],
    records: 'a b c d e',
  },
  {
    name: 'a glob: each file has a place of its own, new ones are found',
    operand: '*.log',
    steps: [
      ({ write }) => write('a\n', 'a.log'),
      ({ write }) => write('b\n', 'b.log'),
      ({ write }) => {
        write('c\n', 'a.log');
        write('d\n', 'b.log');
      },
      ({ write, remove }) => {
        remove('a.log');
        write('e\n', 'b.log');
      },
    ],
    records: 'a b c d e',
  },
  {
    name: 'a glob that takes in what was rotated away reads it once',
    operand: '*',
    steps: [
      ({ write }) => write('a\n'),
      ({ write, rename }) => {
        write('b\n');
        rename('app.log', 'app.log.1');
        write('c\n');
      },
      ({ write, rename }) => {
        write('d\n');
        rename('app.log.1', 'app.log.2');
        rename('app.log', 'app.log.1');
        write('e\n');
      },
    ],
    records: 'a b c d e',
  },
  {
    name: 'the same file twice',
    operand: 'app.log app.log *.log',
    steps: [({ write }) => write('a\n'), ({ write }) => write('b\n')],
    records: 'a b',
  },
  {
    name: 'gzip grows by members',
    steps: [
      ({ at }) => writeFileSync(at('app.log'), gzipSync('a\nb\n')),
      ({ at }) => appendFileSync(at('app.log'), gzipSync('c\n')),
    ],
    records: 'a b c',
  },
  {
    name: 'dir: each file once, by when it was written, then by name',
    operand: 'dir:inbox',
    steps: [
      ({ at, write, age }) => {
        mkdirSync(at('inbox'));
        write('b\n', 'inbox/x');
        write('a\n', 'inbox/z');
        write('hidden\n', 'inbox/.y');
        age('inbox/z', 60);
        age('inbox/x', 50);
      },
      ({ write, age, at }) => {
        write('added\n', 'inbox/x');
        write('d', 'inbox/d');
        write('c', 'inbox/c');
        age('inbox/c', 10);
        age('inbox/d', 10);
        const time = Date.now() / 1000 - 10;
        for (const name of ['c', 'd']) utimesSync(at(`inbox/${name}`), time, time);
      },
      ({ remove, write }) => {
        remove('inbox/x');
        write('e\n', 'inbox/x');
      },
    ],
    records: 'a b c d e',
  },
];

export const runsOnly: Case[] = [
  {
    name: '(fault 11) rotated and packed while stopped',
    steps: [
      ({ write }) => write('a\n'),
      ({ write, rename, pack }) => {
        write('b\n');
        rename('app.log', 'app.log.1');
        pack('app.log.1');
        write('c\n');
      },
    ],
    records: 'a b c',
  },
  {
    name: '(fault 11) rotated and removed while stopped',
    steps: [
      ({ write }) => write('a\n'),
      ({ write, remove }) => {
        write('lost\n');
        remove();
        write('b\n');
      },
    ],
    records: 'a b',
    warnings: lost,
  },
];
