#!/usr/bin/env node
import module from 'node:module';

// Only newer versions of Node have it. Imports that are written at the top would run before it.
module.enableCompileCache?.();
const { main } = await import('../dist/cli.js');
process.exitCode = await main(process.argv.slice(2));
