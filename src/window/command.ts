import { defineStage, type OptionTable, type Settings } from '../command/command.ts';
import { rejectOptions } from '../stage/rejects.ts';
import { eventTimeOptions } from '../time/options.ts';

const windowOptions = {
  slide: {
    kind: 'step',
    describe:
      'a window begins every so often, or, with --records, every so many records (default: SIZE, windows side by side)',
  },
  offset: {
    kind: 'delay',
    default: '0s',
    describe: 'windows begin so much after each multiple of the slide, such as 4d for weeks from Monday',
  },
  time: {
    kind: 'field',
    describe:
      "windows on event time: the field with each record's time, or columns, as in '$4 $5'; SIZE can then be any duration",
  },
  'time-format': eventTimeOptions['time-format'],
  tz: {
    ...eventTimeOptions.tz,
    describe:
      'time zone of times that name none, and of windows of whole days: an IANA name, local, UTC or an offset such as +02:00',
  },
  lateness: {
    kind: 'delay',
    default: '0s',
    describe: 'wait for records that come so much after newer ones: windows close that much later',
  },
  late: {
    kind: 'path',
    describe: 'records that are left out as late or ahead go to FILE as NDJSON with place and reason',
  },
  'idle-timeout': {
    kind: 'duration',
    describe: 'where no record has come for so long, event time goes on with the clock',
  },
  'max-skew': {
    kind: 'delay',
    describe: 'leave out records whose time is more than this ahead of the clock',
  },
  session: {
    kind: 'duration',
    placeholder: 'GAP',
    describe:
      'windows of activity instead: records of a key that follow one another in less than GAP; reduce makes them',
  },
  records: { kind: 'count', describe: 'windows of N records instead' },
  ...rejectOptions,
} as const satisfies OptionTable;

export type WindowSettings = Settings<typeof windowOptions>;

export const windowCommand = defineStage({
  name: 'window',
  summary: 'say which window each record belongs to, and which windows are complete',
  role: 'filter',
  flow: 'batches → panes',
  argument: {
    name: 'SIZE',
    describe: 'length of a window, such as 30s: without --time a multiple of the batch interval',
    takes: 'optional',
  },
  options: windowOptions,
  description: [
    'Windows on batch time: a window holds the batches of `[start, start + SIZE)`, and one begins at each multiple of **--slide** since the epoch, plus **--offset**. All three have to be multiples of the batch interval.',
    'Records are not copied into each window they belong to. They are marked with their *pane*, the largest interval that no window edge cuts, and the last part of a batch says which windows have closed with it; **sluice reduce** folds each pane once and puts panes together when a window closes.',
    'The first windows are partial, as they hold just the batches that exist. At the end of the input the windows that are open are closed and written. Where the slide is larger than the size, records between two windows belong to none and are counted as `outside`.',
    '**Event time.** With **--time** each record belongs to the windows that its own time lies in, whenever it comes and however batches are cut; a window without a record does not exist. The *watermark* says how far event time has come: it is the highest time so far, minus **--lateness**; it moves when a batch is over, and never back. A window closes with the batch that moves the watermark to its end. A record is late for a window that has closed with a batch before its own. If all its windows have, it is counted as `late` and left out; else it is taken into those that are open. This is the rule of Spark, without the batch more that Spark waits. As long as no record is more than the lateness behind the newest one before it, windows are the same to the byte for any batches and parts, live or replayed.',
    '**--idle-timeout** lets windows close while nothing comes: in a batch without records, if none has come for so long, the watermark is the highest time minus the lateness plus the time since the last record. It takes batches to tell that: **sluice batch** INTERVAL makes empty ones. **--max-skew** keeps a clock that is wrong from closing all windows: what is too far ahead is counted as `ahead`, left out, and moves no watermark. A record without a time that can be read is rejected, as **--on-error** says.',
    "**Times** that are known without **--time-format**: RFC 3339 and ISO 8601 (`2026-03-01T10:00:00.5+01:00`; a space for the T, slashes for dashes, a date alone), which RFC 5424 syslog has too; logs of web servers (`[01/Mar/2026:10:00:00 +0100]`, in a line of text `--time '$4 $5'`); syslog of RFC 3164 (`Mar  1 10:00:00`, in a line of text `--time '$1 $2 $3'`); the error log of Apache (`[Sun Mar  1 10:00:00.5 2026]`, in a line of text `--time '$1 $2 $3 $4 $5'`); and numbers, as text or not: seconds since the epoch below 10^11, milliseconds below 10^14, microseconds below 10^17, then nanoseconds. Without an offset it is time of **--tz**. A stamp without a year is in the latest year that puts it no more than a day ahead of the clock. What is finer than a millisecond is cut off; years are 1 to 9999.",
    '**--time-format** knows `%Y %y %m %b %B %d %e %j %a %A %H %I %p %M %S %f %z %Z %s %F %T %%` as strptime does; `%f` is a fraction of a second, `%z` an offset or Z, `%Z` only UTC or GMT. White space stands for any amount of it, names of months and days are English.',
    '**Summer time.** Windows align to the epoch in UTC. Only where SIZE and slide are whole days and **--tz** is given do they align to midnight of that zone, and **--offset** to what its clocks show: the day on which clocks are put forward lasts 23 hours, the one on which they are put back 25. A time of day that clocks leave out is taken as much later as they skip; one that they show twice is the first of the two.',
    '**Sessions.** With **--session** records are passed on with their gap and time field, late ones left out (those whose time plus GAP the watermark has reached); **sluice reduce** puts them in sessions, as it knows the keys. Sessions need **--time**.',
    'In a job that keeps state (**sluice ingest --state**) windows that are open when the input ends, or when a signal stops it, are kept for the next run, which closes them. With **sluice ingest --final** they are closed with the end.',
    '**--records** N makes windows of N records, numbered from 0 over the whole stream; **--slide** is then a number of records. Their `window_start` and `window_end` are record numbers. As with batches the first windows may be partial, and then begin below 0.',
  ],
  examples: [
    {
      line: '… | sluice batch 10s | sluice reduce --words | sluice window 30s --slide 10s | sluice reduce | …',
      explains: 'word counts of the last 30 seconds, every 10',
    },
    {
      line: "… | sluice window 5m --time '$4 $5' --lateness 30s --late late.ndjson | sluice reduce count --by '$9' | …",
      explains: 'an access log by its own time: status codes of each 5 minutes',
    },
    {
      line: '… | sluice window 1d --time ts --tz Europe/Berlin | sluice reduce count | …',
      explains: 'days as they are in Berlin, of 23 to 25 hours',
    },
    {
      line: "… | sluice window --records 1000 --slide 100 | sluice reduce 'avg(ms)' | …",
      explains: 'the average of the last 1000 records, every 100',
    },
  ],
  make: async (settings, operands) => (await import('./stage.ts')).windowStage(settings, operands),
});
