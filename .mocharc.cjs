'use strict';
const { availableParallelism } = require('node:os');

// Files wait for servers, browsers and Node-RED processes. Three jobs per core are no faster: the processes then get in each
// other's way.
const JOBS_PER_CORE = 2;

// In ms, for what hangs: on a busy machine everything takes ten times as long as on an idle one. Where something is
// promised within a time, the test asserts it.
const LIMIT = 300_000;

module.exports = {
  require: ['tsx/cjs', './test/support/expected-failure.ts', './test/support/leak-check.ts'],
  // Tests of memory collect garbage. A flag that is set later may crash the process.
  'node-option': ['expose-gc'],
  parallel: true,
  jobs: JOBS_PER_CORE * availableParallelism(),
  timeout: LIMIT,
  forbidOnly: true,
};
