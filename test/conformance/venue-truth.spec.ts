import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readTruth } from '../../adapters/src/cli/commands/venue-truth.js';
import type { RunningVenue } from '../../adapters/src/venue-server/start-venue.js';
import { SYMBOL, type UsdmClient, aClient, aSymbol, aVenue, admin } from './ccxt-client.js';
import { SPOT, aSpotClient, aSpotSymbol } from './ccxt-spot-client.js';

let venue: RunningVenue;
let client: UsdmClient;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'venue-truth-'));
  venue = await aVenue({
    symbols: [
      aSymbol(['50000', '50100', '49900', '50000', '50000']),
      aSpotSymbol(['50000', '50100', '49900', '50000', '50000']),
    ],
  });
  client = await aClient(venue);
  await client.loadMarkets();
});

afterEach(async () => {
  await client.close();
  await venue.stop();
  rmSync(folder, { recursive: true });
});

describe('the truth of the local exchange', () => {
  test('is read with ids as they are, and a stop with the order that it became', async () => {
    const entry = await client.createOrder(SYMBOL, 'market', 'buy', 0.2, undefined, {
      clientOrderId: 'entry',
    });
    await client.createOrder(SYMBOL, 'market', 'sell', 0.2, undefined, {
      stopLossPrice: 49_950,
      reduceOnly: true,
      clientOrderId: 'stop',
    });
    venue.playback.playBar();
    venue.playback.playBar();
    await admin(venue, 'POST', 'transfer', { amount: '-50' });
    const truth = await readTruth(venue.url, 'futures');
    expect(truth.orders).toMatchObject([
      { clientOrderId: 'entry', ids: [entry.id], isOpen: false, filled: '0.2' },
      { clientOrderId: 'stop', isOpen: false, filled: '0.2', status: 'FINISHED' },
    ]);
    const [, child] = truth.orders[1]!.ids;
    expect(truth.trades.map(({ orderId }) => orderId)).toEqual([entry.id, child]);
    expect(truth.transfers).toMatchObject([{ amount: '-50', asset: 'USDT' }]);
    expect(truth.positions).toEqual([]);
    expect(truth.wallet).toBe(venue.state.account.wallet.toFixed());
  });

  test('is read of spot, and from a file as well', async () => {
    const spot = await aSpotClient(venue);
    await spot.loadMarkets();
    const order = await spot.createOrder(SPOT, 'market', 'buy', 0.1);
    await spot.close();
    const file = join(folder, 'truth.json');
    writeFileSync(file, await (await fetch(`${venue.url}/admin/truth`)).text());
    const truth = await readTruth(file, 'spot');
    expect(truth).toEqual(await readTruth(`${venue.url}/`, 'spot'));
    expect(truth.trades).toMatchObject([{ orderId: order.id, fee: '0.0001', feeAsset: 'BTC' }]);
    expect(truth.positions).toBeUndefined();
    expect(truth.wallet).toBe('94999.999');
  });

  test('that is not there, or is none, is refused', async () => {
    await expect(readTruth(join(folder, 'none.json'), 'futures')).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
    const file = join(folder, 'other.json');
    writeFileSync(file, '{"schema":"something/1"}');
    await expect(readTruth(file, 'futures')).rejects.toMatchObject({ code: 'DATA_MALFORMED' });
    await expect(readTruth('http://127.0.0.1:9', 'futures')).rejects.toMatchObject({
      code: 'TRUTH_UNAVAILABLE',
    });
  });
});
