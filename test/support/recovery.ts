// Recovery equals: what was recorded of a world, applied to an empty state, gives the very bytes of
// the state that decided it. Its cash is held against the independent ledger too.
import { afterEach, expect } from 'vitest';
import {
  type EngineState,
  applyEvent,
  applyRecord,
  decimal,
  emptyState,
  encode,
  format,
} from '@strategy-runner/core';
import { independentLedger } from './independent-ledger.js';
import { type World, type WorldOptions, aWorld } from './world.js';

const watched: World[] = [];

/** A world that is recovered, and whose cash is checked, when its test ends. */
export function aWatchedWorld(options: WorldOptions = {}): World {
  const world = aWorld(options);
  watched.push(world);
  return world;
}

/** Call once in a spec file. */
export function recoverEachWorld(): void {
  afterEach(() => {
    for (const world of watched.splice(0)) {
      expect(firstDifference(encode(recovered(world)), encode(world.state))).toBe('');
      expect(format(world.state.cash)).toBe(expectedCash(world));
    }
  });
}

/** Both texts around the first place where they differ; a whole state would bury it. */
function firstDifference(a: string, b: string): string {
  if (a === b) return '';
  let at = 0;
  while (a[at] === b[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 120), at + 60);
  return `recovered …${around(a)}… but decided …${around(b)}…`;
}

export function recovered(world: World): EngineState {
  const { config } = world.engine;
  const ids = config.instances.map(({ id }) => id);
  const state = emptyState(config.initialCash, ids);
  for (const event of world.events) applyEvent(state, event);
  for (const record of world.records) applyRecord(state, record);
  return state;
}

// Fees that were not paid in cash leave it alone; flows are no trades.
function expectedCash(world: World): string {
  const { initialCash, instruments } = world.engine.config;
  const [instrument] = instruments.values();
  const traded = world.records.filter(
    (record) => record.type === 'fill' || record.type === 'external_fill',
  );
  const { cash } = independentLedger({
    cash: format(initialCash),
    market: instrument?.market === 'spot' ? 'spot' : 'swap',
    fills: traded.map((fill) => (fill.foreignFee === undefined ? fill : { ...fill, fee: 0n })),
    funding: world.recordsOf('funding'),
    mark: '0',
  });
  const flows = world.recordsOf('cash_moved').map((flow) => flow.cash);
  return format(flows.reduce((sum, flow) => sum + flow, decimal(cash)));
}
