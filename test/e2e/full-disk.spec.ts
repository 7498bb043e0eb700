import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'runner-full-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// A limit on file size (blocks of 1 KiB) fails the trace half way, as a full disk does.
test('a backtest whose session cannot be written still tells its result, and ends with 1', () => {
  const runner = resolve('adapters/bin/runner.js');
  const command = `ulimit -f 16; exec "${process.execPath}" "${runner}" backtest \
    --strategy sma-cross --data sample --sessions "${join(folder, 's')}" --json`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
  const report = JSON.parse(stdout) as { trades: unknown[]; run: Record<string, unknown> };
  expect(report.trades).toHaveLength(78);
  expect(report.run).toMatchObject({ session_id: null, session_dir: null });
  expect(stderr).toMatch(/^error STORE_WRITE_FAILED: .*trace\.json could not be written\./m);
  expect(stderr).toMatch(/^ {2}next: /m);
  expect(stderr).not.toContain('    at ');
  expect(status).toBe(1);
});
