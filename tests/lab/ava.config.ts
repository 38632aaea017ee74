/** AVA's settings in the lab's machine. The suites share its hardware, so they run one after the other. */
export default {
  files: ['dist/tests/lab/suites/**/*.test.js'],
  workerThreads: false,
  concurrency: 1,
  serial: true,
  timeout: '10m',
};
