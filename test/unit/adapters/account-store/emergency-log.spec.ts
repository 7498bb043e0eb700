import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalRow } from '@strategy-runner/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  FileEmergencyLog,
  emergencyRows,
  setEmergencyAside,
} from '../../../../adapters/src/account-store/emergency-log.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-emergency-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const row = (seq: number): JournalRow => ({
  seq,
  ts: 1,
  class: 'record',
  kind: 'alert',
  payload: '{}',
  prevHash: 'a',
  hash: 'b',
});

test('keeps rows for the next start, for their owner only, and tells them once', () => {
  const log = new FileEmergencyLog(folder, 'session-1', 2, () => expect.unreachable());
  log.append([row(7)]);
  log.append([row(8), row(9)]);
  const [left, ...more] = emergencyRows(folder, 'session-1');
  expect(more).toEqual([]);
  expect(left).toMatchObject({ rows: 3 });
  expect(statSync(left!.path).mode & 0o777).toBe(0o600);
  const lines = readFileSync(left!.path, 'utf8').trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as JournalRow).seq)).toEqual([7, 8, 9]);
  const kept = setEmergencyAside(left!);
  expect(readFileSync(kept, 'utf8').length).toBeGreaterThan(0);
  expect(emergencyRows(folder, 'session-1')).toEqual([]);
});

test('leaves the rows of another session alone', () => {
  new FileEmergencyLog(folder, 'session-1', 1, () => undefined).append([row(1)]);
  expect(emergencyRows(folder, 'session-2')).toEqual([]);
  expect(emergencyRows(join(folder, 'nowhere'), 'session-1')).toEqual([]);
});

test('does not throw where it cannot write, and says so', () => {
  writeFileSync(join(folder, 'emergency'), 'a file where a folder should be');
  const faults: unknown[] = [];
  const log = new FileEmergencyLog(folder, 'session-1', 1, (error) => faults.push(error));
  log.append([row(1)]);
  expect(faults).toHaveLength(1);
});
