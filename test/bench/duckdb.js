#!/usr/bin/env node
// Runs one query in DuckDB and writes its rows as tab-separated lines: `duckdb-query SQL`. Says on stderr how long the
// query took by itself, without the start of Node and of the engine.
import { DuckDBInstance } from '@duckdb/node-api';

const query = process.argv[2] ?? 'select version()';
const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
const start = performance.now();
// The engine writes the rows itself: handing five million of them to JavaScript would measure the binding.
await connection.run(`copy (${query}) to '/dev/stdout' (format csv, delimiter '\t', quote '', header false)`);
process.stderr.write(`query ${((performance.now() - start) / 1000).toFixed(4)}\n`);
