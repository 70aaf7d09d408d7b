// What worker threads run.
require('./bundle.js').load('worker');
