import { afterEach, describe, expect, test } from 'vitest';
import { decimal, format } from '@strategy-runner/core';
import { AccountReader } from '../../../adapters/src/venue/ccxt/account-reader.js';
import { InstrumentWatch } from '../../../adapters/src/venue/ccxt/instrument-watch.js';
import { filtersOfSymbol } from '../../../adapters/src/venue/ccxt/instruments.js';
import { OTHER_SYMBOL, SYMBOL, START_MS, aClient, aSymbol, aVenue } from '../ccxt-client.js';
import {
  type AccountBench,
  type AccountBenchOptions,
  aWhile,
  anAccount,
  until,
} from './account-bench.js';

const open: AccountBench[] = [];

async function readyBench(options: AccountBenchOptions = {}): Promise<AccountBench> {
  const made = await anAccount(options);
  open.push(made);
  await made.account.start();
  made.account.ready();
  return made;
}

/** Trades that are not the session's, so that there is something to be paid on. */
async function buy(made: AccountBench, quantity: number): Promise<void> {
  const other = await aClient(made.venue);
  await other.loadMarkets();
  await other.createOrder(SYMBOL, 'market', quantity > 0 ? 'buy' : 'sell', Math.abs(quantity));
  await other.close();
}

afterEach(async () => {
  for (const made of open.splice(0)) await made.close();
});

describe('positions and balances', () => {
  test('are read in the venue’s own figures, without profit that is not realised', async () => {
    const made = await readyBench();
    await buy(made, -0.3);
    const reader = new AccountReader(made.client, () => [SYMBOL]);
    const positions = await reader.positions();
    const position = made.venue.state.account.openPositions()[0]!;
    expect(positions).toEqual({
      ok: true,
      value: [
        {
          symbol: SYMBOL,
          side: 'short',
          quantity: decimal('0.3'),
          entryPrice: decimal(position.entry.toFixed()),
        },
      ],
    });
    await made.admin('price', { symbol: SYMBOL, price: '49000' });
    const balances = await reader.balances();
    const { wallet } = made.venue.state.account;
    expect(balances.ok && balances.value.map(({ total }) => format(total))).toEqual([
      wallet.toFixed(),
    ]);
  });

  test('name both sides of a hedged account', async () => {
    const venue = await aVenue();
    venue.state.account.isHedged = true;
    const modes = { symbols: [SYMBOL], positionMode: 'hedge' } as const;
    const made = await readyBench({ venue, parts: { modes } });
    const other = await aClient(venue);
    await other.loadMarkets();
    await other.createOrder(SYMBOL, 'market', 'buy', 0.2, undefined, { positionSide: 'LONG' });
    await other.createOrder(SYMBOL, 'market', 'sell', 0.1, undefined, { positionSide: 'SHORT' });
    const positions = await new AccountReader(made.client, () => []).positions();
    const sides = positions.ok ? positions.value.map(({ side, quantity }) => [side, quantity]) : [];
    expect(sides).toEqual([
      ['long', decimal('0.2')],
      ['short', decimal('0.1')],
    ]);
    await other.close();
    await made.close();
    await venue.stop();
  });

  test('of an answer that is no list are unread, not flat', async () => {
    const made = await readyBench();
    const reader = new AccountReader(made.client, () => []);
    for (const kind of ['empty_object', 'html', 'truncate'] as const) {
      await made.admin('faults', { endpoint: 'GET /fapi/v3/*', kind, times: 2 });
      expect((await reader.positions()).ok).toBe(false);
      expect((await reader.balances()).ok).toBe(false);
    }
  });
});

describe('payments', () => {
  test('P10: funding is told once, with its rate and the side that paid', async () => {
    const made = await readyBench();
    await buy(made, 0.5);
    await made.admin('funding', { symbol: SYMBOL, rate: '0.0003' });
    await until('it is told', () => made.of('funding_paid').length === 1);
    const paid = made.venue.state.account.income.find(({ type }) => type === 'FUNDING_FEE')!;
    expect(made.of('funding_paid')[0]).toMatchObject({
      id: `FUNDING_FEE:${paid.tranId}:BTCUSDT`,
      symbol: SYMBOL,
      side: 'long',
      rate: decimal('0.0003'),
      amount: decimal(paid.amount.toFixed()),
    });
    // The same row again, through another reading: a reconnect.
    made.venue.hub.each('user', (connection) => connection.close(1006));
    await until('it is ready', () => made.states().filter((s) => s === 'ready').length === 2);
    expect(made.of('funding_paid')).toHaveLength(1);
    const cursors = made.of('cursor').filter(({ name }) => name === 'income');
    expect(cursors.at(-1)?.value).toBe(String(Math.max(paid.timeMs, START_MS)));
  });

  test('P10: funding whose message was lost comes with the next reading', async () => {
    const made = await readyBench({ timing: { reconcile: { intervalMs: 60, quietMs: 20 } } });
    await buy(made, 0.5);
    await made.admin('faults', {
      endpoint: 'stream ACCOUNT_UPDATE',
      kind: 'drop_frame',
      times: 1,
    });
    await made.admin('funding', { symbol: SYMBOL, rate: '0.0003' });
    await until('it is told', () => made.of('funding_paid').length === 1);
    const at = made.events.findIndex(({ kind }) => kind === 'funding_paid');
    await until('a snapshot behind it', () =>
      made.events.slice(at).some(({ kind }) => kind === 'venue_snapshot'),
    );
    // The snapshot was begun after the payment had been told.
    const snapshot = made.events.slice(at).find((event) => event.kind === 'venue_snapshot');
    const { wallet } = made.venue.state.account;
    expect(snapshot?.kind === 'venue_snapshot' && snapshot.balances[0]?.total).toBe(
      decimal(wallet.toFixed()),
    );
  });

  test('funding that was paid while we were away is read from the cursor', async () => {
    const made = await readyBench();
    await buy(made, 0.5);
    await made.admin('funding', { symbol: SYMBOL, rate: '0.0003' });
    await until('it is told', () => made.of('funding_paid').length === 1);
    const cursor = made.of('cursor').findLast(({ name }) => name === 'income')!.value;
    await made.account.stop();
    await made.admin('step', { bars: 1 });
    await made.admin('funding', { symbol: SYMBOL, rate: '-0.0001' });
    const again = await readyBench({ venue: made.venue, parts: { incomeCursor: cursor } });
    const ids = again.of('funding_paid').map(({ id }) => id);
    // The payment at the cursor's own time comes again, with its id: it is booked already.
    expect(ids.filter((id) => id !== made.of('funding_paid')[0]!.id)).toHaveLength(1);
  });

  test('P13: a transfer is a flow of cash, told once; what was there before is none', async () => {
    const venue = await aVenue();
    const first = await anAccount({ venue });
    await first.admin('transfer', { amount: '500' });
    await first.account.start();
    first.account.ready();
    await aWhile();
    expect(first.of('cash_moved')).toEqual([]);
    await first.admin('transfer', { amount: '-200' });
    await until('it is told', () => first.of('cash_moved').length === 1);
    expect(first.of('cash_moved')[0]).toMatchObject({
      cause: 'transfer',
      currency: 'USDT',
      amount: decimal('-200'),
    });
    await first.close();
    await venue.stop();
  });

  test('fees and realised profit are left to their fills', async () => {
    const made = await readyBench();
    await buy(made, 0.5);
    await made.admin('price', { symbol: SYMBOL, price: '50500' });
    await buy(made, -0.5);
    await made.admin('transfer', { amount: '1' });
    await until('the transfer is told', () => made.of('cash_moved').length === 1);
    const types = new Set(made.venue.state.account.income.map(({ type }) => type));
    expect([...types].sort()).toEqual(['COMMISSION', 'REALIZED_PNL', 'TRANSFER']);
    expect(made.of('cash_moved')).toHaveLength(1);
    expect(made.of('funding_paid')).toEqual([]);
  });
});

describe('trading rules', () => {
  test('are read from the venue’s own filters', async () => {
    const made = await readyBench();
    expect(filtersOfSymbol(made.client.exchange, SYMBOL)).toEqual({
      symbol: SYMBOL,
      market: 'swap',
      contract_size: '1',
      tick_size: '0.1',
      lot_size: '0.001',
      min_quantity: '0.001',
      min_notional: expect.any(String) as unknown,
      max_quantity: '10000',
      max_market_quantity: '10000',
    });
  });

  test('F9: are read again when an order is refused for its precision', async () => {
    const made = await readyBench();
    const rules = { tick: '0.5', step: '0.01', max_quantity: '20', max_market_quantity: '7' };
    await made.admin('instrument', { symbol: SYMBOL, ...rules });
    expect(made.of('filters_changed')).toEqual([]);
    const refused = await made.client.call('createOrder', (exchange) =>
      exchange.createOrder(SYMBOL, 'limit', 'buy', 0.011, 40000.1),
    );
    expect(refused.ok).toBe(false);
    await until('the new rules are told', () => made.of('filters_changed').length === 1);
    expect(made.of('filters_changed')[0]).toMatchObject({
      symbol: SYMBOL,
      tickSize: decimal('0.5'),
      lotSize: decimal('0.01'),
      maxQuantity: decimal('20'),
      maxMarketQuantity: decimal('7'),
    });
  });

  test('F9: of before stay when they cannot be read, and the next reading succeeds', async () => {
    const made = await readyBench();
    const told: unknown[] = [];
    const quiet = (): void => undefined;
    const watch = new InstrumentWatch({
      client: made.client,
      symbols: [SYMBOL],
      emit: (event) => void told.push(event),
      log: { debug: quiet, info: quiet, warn: quiet },
    });
    watch.start();
    await made.admin('instrument', { symbol: SYMBOL, tick: '0.5' });
    await made.admin('faults', { endpoint: 'GET /fapi/v1/exchangeInfo', kind: 'drop_before' });
    expect(await watch.reload()).toBe(false);
    // ccxt itself would go on answering with the failed loading.
    await expect(made.client.exchange.loadMarkets()).resolves.toBeDefined();
    expect(told).toEqual([]);
    expect(await watch.reload()).toBe(true);
    expect(told).toMatchObject([{ kind: 'filters_changed', tickSize: decimal('0.5') }]);
    watch.stop();
  });
});

describe('quotes', () => {
  test('follow the book, and are asked for where the stream says nothing', async () => {
    const made = await readyBench();
    await until('there is one', () => made.account.quote(SYMBOL) !== null);
    expect(made.account.quote(SYMBOL)).toMatchObject({
      bid: decimal('49999.9'),
      ask: decimal('50000.1'),
    });
    await made.admin('faults', { endpoint: 'stream bookTicker', kind: 'drop_frame', times: 0 });
    await made.admin('price', { symbol: SYMBOL, price: '50200' });
    await until('it has moved', () => made.account.quote(SYMBOL)?.bid === decimal('50199.9'));
  });

  test('that no longer come leave none that looks fresh', async () => {
    const made = await readyBench();
    await until('there is one', () => made.account.quote(SYMBOL) !== null);
    await made.venue.stop();
    await aWhile(100);
    const before = made.account.quote(SYMBOL)!.atMs;
    await aWhile(400);
    expect(made.account.quote(SYMBOL)!.atMs).toBe(before);
  });
});

test('[R25] every snapshot lists the symbols that were read', async () => {
  const venue = await aVenue({
    symbols: [aSymbol(['50000']), aSymbol(['3000'], { symbol: OTHER_SYMBOL })],
  });
  const made = await readyBench({ venue, parts: { everTraded: [OTHER_SYMBOL, SYMBOL] } });
  expect(made.of('venue_snapshot')[0]?.symbols).toEqual([SYMBOL, OTHER_SYMBOL]);
  await made.close();
  await venue.stop();
});
