// A folder of its own per test, gone afterwards, and the metadata of a session.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionMetadata } from '@strategy-runner/contracts';
import { onTestFinished } from 'vitest';

export async function aFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'runner-store-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const HASH = 'a'.repeat(64);

export function aMetadata(change: Partial<SessionMetadata> = {}): SessionMetadata {
  return {
    schema: 'runner.session/1',
    session_id: '20240101-000000-sample-btc-usdt-0001',
    kind: 'paper',
    host_version: '0.1.0',
    contract_version: '1.0',
    config_hash: HASH,
    strategy: { id: 'runner-strategy-sample', version: '1.0.0', code_hash: HASH },
    data: {
      source: 'feed',
      hash: null,
      symbol: 'BTC/USDT:USDT',
      timeframe: '1m',
      bars: null,
      from_ms: 0,
      to_ms: null,
    },
    exchange: 'sim',
    account: 'default',
    symbols: ['BTC/USDT:USDT'],
    timeframe: '1m',
    started_at: '2024-01-01T00:00:00.000Z',
    ended_at: null,
    seed: 1,
    node: 'v20.20.2',
    instruments: [],
    costs: { maker_fee_bps: '2', taker_fee_bps: '4', slippage_bps: '1' },
    start_state: null,
    journal_head: null,
    runs: [],
    ...change,
  };
}
