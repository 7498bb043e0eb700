import { describe, expect, test } from 'vitest';
import { aVenue } from '../ccxt-client.js';
import { createClient } from '../../../adapters/src/venue/ccxt/create-client.js';
test('smoke', async () => {
  const venue = await aVenue();
  const events: unknown[] = [];
  const c = await createClient({ account: { exchange: 'binanceusdm', rest_url: venue.url, call_deadline_ms: 3000, recv_window_ms: 10000, reconcile_interval_ms: 1000, outage_kill_after_ms: null }, credentials: venue.credentials, emit: (e) => void events.push(e) });
  console.log(await c.connect());
  console.log(await c.call('fetchBalance', (e) => e.fetchBalance()));
  console.log(events);
  await c.close(); await venue.stop();
});
