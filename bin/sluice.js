#!/usr/bin/env node
const { load } = require('./bundle.js');

load('cli')
  .main(process.argv.slice(2))
  .then((code) => (process.exitCode = code));
