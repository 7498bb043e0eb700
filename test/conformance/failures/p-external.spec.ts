// P7–P10, P13, P14: what happens to an account without its session, through the whole live
// path. It is booked as what it is, holds entries where somebody has to look, and is never traded
// back.
import { decimal, format } from '@strategy-runner/core';
import { describe, expect, test } from 'vitest';
import { closeLong, openLong, quantity, stopAt } from '../../support/bodies.js';
import { type LiveWorld, aLiveWorld } from '../../support/live-world.js';
import { SYMBOL, aClient, admin } from '../ccxt-client.js';
import { answersTo, expectSound, heldBy, muteOrders, requestsTo } from './case-checks.js';

const ORDER = 'POST /fapi/v1/order';
const OPEN = openLong({ sizing_policy: quantity('0.1') });
const STOPPED = openLong({ sizing_policy: quantity('0.1'), protection: stopAt('49000') });
const WAIT = { timeout: 15_000 };

const denials = async (world: LiveWorld) =>
  (await world.recordsOf('intent_denied')).map(({ code }) => code);
const causes = async (world: LiveWorld) =>
  (await world.recordsOf('external_fill')).map(({ cause }) => cause);

async function handTrade(world: LiveWorld, side: 'buy' | 'sell', size: number): Promise<void> {
  const client = await aClient(world.venue);
  await client.createOrder(SYMBOL, 'market', side, size);
  await client.close();
}

describe('P7: (P8) (P9) a position that the venue closes', () => {
  test.each(['liquidation', 'adl', 'settlement'])(
    'by %s is booked with its fee and its cause, and holds entries',
    async (kind) => {
      const world = await aLiveWorld({ strategy: { 0: STOPPED, 2: OPEN } });
      await world.bars(1);
      await admin(world.venue, 'POST', 'force-close', { symbol: 'BTCUSDT', kind });
      await world.until(() => world.state.positions.size === 0);
      expect(await causes(world)).toEqual([kind]);
      const sent = requestsTo(world, ORDER).length;
      await world.bars(3);
      expect(requestsTo(world, ORDER)).toHaveLength(sent);
      expect(await denials(world)).toHaveLength(1);
      expect(world.venue.state.openAlgos.size).toBe(0);
      expect(world.heard.fills.map(({ leg }) => leg)).toEqual(['entry', 'external']);
      await expectSound(world);
    },
  );

  test('P7: without a word of its stream is found by the next reading', async () => {
    const world = await aLiveWorld({
      strategy: { 0: STOPPED },
      account: { reconcile_interval_ms: 300 },
    });
    await world.bars(1);
    muteOrders(world);
    await admin(world.venue, 'POST', 'force-close', { symbol: 'BTCUSDT', kind: 'liquidation' });
    await world.until(() => world.state.positions.size === 0);
    expect(await causes(world)).toEqual(['liquidation']);
    await expectSound(world);
  });

  test('P9: on a symbol that is being delisted (-4140) refuses entries for good', async () => {
    const world = await aLiveWorld({ strategy: { 0: OPEN, 2: closeLong() } });
    await admin(world.venue, 'POST', 'instrument', { symbol: 'BTCUSDT', status: 'SETTLING' });
    await world.bars(2);
    expect(answersTo(world, ORDER)).toEqual([-4140]);
    expect(heldBy(world)).toEqual([]);
    await expectSound(world);
  });
});

describe('P10: funding', () => {
  const atFunding = { strategy: { 0: OPEN, 7: closeLong() } };

  test('is booked once under the venue’s id, apart from the profit of the trade', async () => {
    const world = await aLiveWorld(atFunding);
    await world.bars(7);
    const [row] = world.venue.state.account.income.filter(({ type }) => type === 'FUNDING_FEE');
    await expect.poll(() => world.recordsOf('funding'), WAIT).toHaveLength(1);
    const [booked] = await world.recordsOf('funding');
    expect([booked!.id, format(booked!.amount)]).toEqual([
      `FUNDING_FEE:${row!.tranId}:BTCUSDT`,
      row!.amount.toFixed(),
    ]);
    await world.restart();
    expect(await world.recordsOf('funding')).toHaveLength(1);
    await world.bars(2);
    const exits = (await world.recordsOf('fill')).filter(({ action }) => action === 'exit');
    const pnl = world.venue.state.trades.at(-1)!.realizedPnl;
    expect(exits.map(({ realized }) => format(realized))).toEqual([pnl.toFixed()]);
    await expectSound(world);
  });

  test('whose message is lost is read', async () => {
    const world = await aLiveWorld({ ...atFunding, account: { reconcile_interval_ms: 300 } });
    await world.bars(1);
    muteOrders(world);
    await world.bars(5);
    await expect.poll(() => world.recordsOf('funding'), WAIT).toHaveLength(1);
    await expectSound(world);
  });
});

describe('P13: what a person does by hand', () => {
  test('with the position is booked and told, and nothing corrects it', async () => {
    const world = await aLiveWorld({ strategy: { 0: STOPPED, 3: OPEN, 4: closeLong() } });
    await world.bars(1);
    await handTrade(world, 'sell', 0.04);
    await world.until(() => heldBy(world)[0] === decimal('0.06'));
    expect(await causes(world)).toEqual(['manual']);
    const sent = requestsTo(world, ORDER).length;
    await world.bars(2);
    expect(requestsTo(world, ORDER)).toHaveLength(sent);
    const [stop] = [...world.venue.state.openAlgos.values()];
    expect(stop!.quantity.toFixed()).toBe('0.06');
    await world.bars(3);
    expect(heldBy(world)).toEqual([]);
    await expectSound(world);
  });

  test('with the cash is a flow, and no result', async () => {
    const world = await aLiveWorld({ strategy: { 0: OPEN, 3: closeLong() } });
    await world.bars(1);
    const before = world.state.cash;
    await admin(world.venue, 'POST', 'transfer', { amount: '-2500' });
    await world.until(() => world.state.cash !== before);
    expect(before - world.state.cash).toBe(decimal('2500'));
    expect(world.state.holds.size).toBe(0);
    await world.bars(3);
    await expectSound(world);
  });
});

describe('P14: a position that is older than anything that the session can read', () => {
  test('is seen, holds entries, and is not traded away', async () => {
    const world = await aLiveWorld({
      strategy: { 0: OPEN },
      before: async (venue) => {
        const client = await aClient(venue);
        await client.createOrder(SYMBOL, 'market', 'sell', 0.3);
        await client.close();
      },
    });
    expect(await world.recordsOf('symbol_hold')).toMatchObject([{ code: 'DIVERGED' }]);
    const sent = requestsTo(world, ORDER).length;
    await world.bars(2);
    expect(requestsTo(world, ORDER)).toHaveLength(sent);
    const [held] = world.venue.state.account.openPositions('BTCUSDT');
    expect(held!.quantity.toFixed()).toBe('-0.3');
    // What the session cannot know is all that differs; `runner reconcile --apply` books it.
    await expectSound(world, [
      { about: 'trade', what: 'only_at_venue' },
      { about: 'position', what: 'differs', session: '0', venue: '0.3' },
    ]);
  });
});
