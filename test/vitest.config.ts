// Runs the specs from the sources, without a build: workspace packages resolve to src through the
// source condition. Benchmarks are no specs and are never run here (`npm run bench`).
import { fileURLToPath } from 'node:url';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

const conditions = ['@strategy-runner/source', ...defaultServerConditions];

// Set by .ci/run, which counts the tests from this file for its closing line.
const resultsFile = process.env['RUNNER_TEST_RESULTS'];

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['test/**/*.spec.ts'],
    exclude: ['test/bench/**', '**/node_modules/**'],
    pool: 'forks',
    // One more than the cores of CI: many suites wait for exchanges and processes.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Its own second is not enough where the machine is slow; a wait that is over is no slower.
    expect: { poll: { timeout: 30_000 } },
    // ccxt.pro's close() rejects, by this class, the futures of snapshots that it started by itself
    // and that nobody can await: it says nothing about a test. Every other rejection fails the run.
    onUnhandledError: ({ name }) => (name === 'ExchangeClosedByUser' ? false : undefined),
    reporters:
      resultsFile === undefined ? ['default'] : ['default', ['json', { outputFile: resultsFile }]],
  },
});
