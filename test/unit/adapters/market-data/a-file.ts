// Builders for the data files of these specs: a temporary file per call, removed after the run.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { RunnerError } from '../../../../adapters/src/errors.js';
import { loadBarsCsv } from '../../../../adapters/src/market-data/csv-bars.js';
import type { LoadBarsOptions } from '../../../../adapters/src/market-data/csv-bars.js';

const folder = mkdtempSync(join(tmpdir(), 'runner-market-data-'));
let count = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

export function aFile(content: string | Uint8Array, name = `bars-${++count}.csv`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export const HEADER = 'timestamp,open,high,low,close,volume';

/** A file with the header and these rows. */
export function aCsv(rows: readonly string[], header = HEADER): string {
  return aFile(`${[header, ...rows].join('\n')}\n`);
}

/** Rows of ordinary bars, one minute apart from 2025-01-01. */
export function someRows(count: number, stepMs = 60_000): string[] {
  return Array.from({ length: count }, (_, index) => {
    const time = new Date(Date.UTC(2025, 0, 1) + index * stepMs).toISOString();
    return `${time},100,101.5,99.25,${100 + (index % 2)},7`;
  });
}

/** The RunnerError that the action throws. */
export function errorOf(action: () => unknown): RunnerError {
  try {
    action();
  } catch (error) {
    if (error instanceof RunnerError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

export function fault(path: string, options: LoadBarsOptions = {}): RunnerError {
  return errorOf(() => loadBarsCsv(path, options));
}

/** The fault of a file whose second bar, on line 3, has these cells behind its time. */
export function faultOfBar(cells: string): RunnerError {
  return fault(aCsv(['2025-01-01,10,12,8,11,5', `2025-01-02,${cells}`]));
}
