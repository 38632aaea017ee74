/** The tests: what AVA runs, and in which order. The kernel lab has a configuration of its own (tests/lab). */

import { availableParallelism } from 'node:os';

/** Files that take long come first, so that the many short ones keep every core busy up to the end. */
const LONG = [
  /\/tests\/scenarios\//,
  /\/unit\/reports\/html\//,
  /\/unit\/(cli|ci|docs|doctor)\//,
  /\/contract\//,
];

const rank = (file) => {
  const at = LONG.findIndex((pattern) => pattern.test(file.replaceAll('\\', '/')));
  return at < 0 ? LONG.length : at;
};

export default {
  files: ['dist/tests/**/*.test.js', '!dist/tests/lab/**'],
  sortTestFiles: (one, other) => rank(one) - rank(other) || one.localeCompare(other, 'en'),
  // Some wait for a browser, another process or the wall clock: one more than there are cores.
  concurrency: availableParallelism() + 1,
  workerThreads: false,
  timeout: '5m',
};
