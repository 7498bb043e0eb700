import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, runJson, runRunner } from './run-runner.js';

interface LiveEnd {
  readonly session_id: string;
  readonly closed_positions: number;
}

async function aSession(folder: string): Promise<LiveEnd> {
  const args = ['live', '--strategy', 'dca-ladder', '--data', 'sample', '--to', '2025-02-01'];
  return runJson<LiveEnd>(args, folder);
}

const rowsOf = (csv: string) =>
  csv
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));

test('lists each closed position once, and their results add up [U12]', async () => {
  const folder = aFolder();
  const { session_id, closed_positions } = await aSession(folder);
  const { status, stdout, stderr } = await runRunner(['export', session_id], folder);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const [header = [], ...rows] = rowsOf(stdout);
  expect(rows).toHaveLength(closed_positions);
  const column = (name: string) => rows.map((row) => Number(row[header.indexOf(name)]));
  for (const [i, net] of column('net_pnl').entries()) {
    const parts = column('gross_pnl')[i]! - column('fees')[i]! + column('funding')[i]!;
    expect(net).toBeCloseTo(parts, 6);
  }
});

test('writes fills into a file for its owner only, one row for each', async () => {
  const folder = aFolder();
  const { session_id } = await aSession(folder);
  const args = ['export', session_id, '--what', 'fills', '--out', 'fills.csv'];
  expect(await runRunner(args, folder)).toMatchObject({ status: 0, stdout: '' });
  const file = join(folder, 'fills.csv');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const [header, ...rows] = rowsOf(readFileSync(file, 'utf8'));
  expect(header?.slice(0, 4)).toEqual(['time', 'symbol', 'side', 'action']);
  const ids = rows.map((row) => row[header!.indexOf('trade_id')]);
  expect(new Set(ids).size).toBe(rows.length);
});

test('refuses what it cannot write or find, in one line each', async () => {
  const folder = aFolder();
  const { session_id } = await aSession(folder);
  const there = await runRunner(['export', session_id, '--out', 'no/such/fills.csv'], folder);
  expect(there).toMatchObject({ status: 1, stdout: '' });
  expect(there.stderr).toContain('error STORE_WRITE_FAILED');
  expect(await runRunner(['export', 'nothing'], folder)).toMatchObject({ status: 66 });
});
