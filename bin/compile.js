// Run by the build: keeps compiled code beside the bundles, for workers all of it, for the rest what usual lines call. That is
// two fifths, and read in two fifths of the time. Each line adds to what those before it had compiled.
const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { compiledPath, execute, pathOf, scriptOf } = require('./bundle.js');

const text = 'a 1\nb 2\n';
const json = '{"k":"a","n":1}\n{"k":"b","n":2.5}\n';
/** What is read, and the stages of a line in a shell. @type {[string, string[]][]} */
const lines = [
  [text, ['ingest', 'batch 1s', 'reduce --words', 'window 1h', 'reduce', 'emit']],
  [text, ['ingest', 'batch --once', 'reduce count sum($2) --by $1', 'emit --format csv']],
  [json, ['ingest --format json', 'batch --once', 'reduce avg(n) --by k', 'emit --sort k']],
];
/** The same in one process, from a file. */
const runs = [
  `ingest ${__filename} | batch --once | reduce --words | emit --format csv`,
  `ingest ${__filename} | batch --once | reduce count --by $1 | emit --format ndjson`,
];

/** @param {string} file @param {import('node:vm').Script} script */
const keep = (file, script) => writeFileSync(compiledPath(file), script.createCachedData());

/** @param {string[]} words */
async function learn(words) {
  const file = pathOf('cli');
  const before = compiledPath(file);
  const script = scriptOf(file, existsSync(before) ? readFileSync(before) : undefined);
  process.exitCode = await execute(script, file).main(words);
  keep(file, script);
}

/** As a rule only what is called is compiled. @param {string} file */
function compileAll(file) {
  setFlagsFromString('--no-lazy');
  const script = scriptOf(file);
  // The flags at this moment are those that the code is good for.
  setFlagsFromString('--lazy');
  keep(file, script);
}

/** What a stage in a process of its own writes. @param {string[]} words @param {string} input */
function outputOf(words, input) {
  const { status, stdout } = spawnSync(process.execPath, [__filename, ...words], {
    input,
    // Nothing of SLUICE_STATE.
    env: {},
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`sluice ${words.join(' ')} ended with ${status}`);
  return stdout;
}

function compile() {
  compileAll(pathOf('worker'));
  rmSync(compiledPath(pathOf('cli')), { force: true });
  for (const [given, stages] of lines) {
    let input = given;
    for (const stage of stages) input = outputOf(stage.split(' '), input);
  }
  for (const pipeline of runs) outputOf(['run', pipeline], '');
}

const words = process.argv.slice(2);
if (words.length > 0) void learn(words);
else compile();
