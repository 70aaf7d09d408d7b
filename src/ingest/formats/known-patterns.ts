// Patterns for logs of well-known programs, for the manual.

export const knownPatterns = [
  { name: 'errors of Apache', pattern: '^\\[(?<time>[^\\]]+)\\] \\[(?<level>[\\w:]+)\\] (?<message>.*)' },
  {
    name: 'Hadoop',
    pattern: '^(?<time>\\d{6} \\d{6}) (?<thread>\\d+) (?<level>\\w+) (?<component>[^:]+): (?<message>.*)',
  },
  { name: 'Spark', pattern: '^(?<time>[\\d/]+ [\\d:]+) (?<level>\\w+) (?<component>[^:]+): (?<message>.*)' },
  {
    name: 'ZooKeeper',
    pattern:
      '^(?<time>[\\d-]+ [\\d:,]+) - (?<level>\\w+) +\\[(?<thread>.*):(?<component>[^:]+)@(?<line>\\d+)\\] - (?<message>.*)',
  },
] as const;
