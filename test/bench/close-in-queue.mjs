// How long a lone close takes to leave while fifty entries wait for their turn: with ccxt alone,
// with our client if the close queued like an entry, and with our client as it is.
import { aBareClient } from './bare-client.mjs';
import { distributionOf } from './distribution.mjs';
import { QUANTITY, SYMBOL, aClient } from './submit-world.mjs';
import { orderLeaves } from './wire.mjs';

const ENTRIES = 50;
/** Far below the market: an entry rests and is taken back. */
const ENTRY_PRICE = '40000';
/** What a pause lets leave at once; spent, entries queue as they do in a busy minute. */
const BURST = 250;

const entry = (exchange) => exchange.createOrder(SYMBOL, 'limit', 'buy', QUANTITY, ENTRY_PRICE);
const close = (exchange) =>
  exchange.createOrder(SYMBOL, 'market', 'sell', QUANTITY, undefined, { reduceOnly: true });

/** Times in ms of `rounds` closes for each way of sending them. */
export async function measureClose(venue, rounds) {
  const helper = await aBareClient(venue, { enableRateLimit: false });
  const stock = await aBareClient(venue, { enableRateLimit: true });
  const client = await aClient(venue);
  const queue = (call, urgency) => sentBy(client, call, urgency);
  const spend = () => void client.exchange.throttle(BURST);
  const ways = {
    bare: { entry: () => entry(stock), close: () => close(stock), before: () => undefined },
    normal: { entry: () => queue(entry, 'normal'), close: () => queue(close, 'normal') },
    urgent: { entry: () => queue(entry, 'normal'), close: () => queue(close, 'urgent') },
  };
  const times = { bare: [], normal: [], urgent: [] };
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, way] of Object.entries(ways)) {
        const before = way.before ?? spend;
        times[name].push(await once(venue, helper, { ...way, before }));
      }
    }
  } finally {
    await Promise.all([helper.close(), stock.close(), client.close()]);
  }
  const shown = Object.entries(times).map(([name, values]) => [name, distributionOf(values)]);
  return { entries: ENTRIES, ...Object.fromEntries(shown) };
}

async function once({ url }, helper, { entry: enter, close: leave, before }) {
  await helper.createOrder(SYMBOL, 'market', 'buy', QUANTITY);
  before();
  const entries = Array.from({ length: ENTRIES }, () => enter());
  const left = orderLeaves(url, 'reduceOnly=true');
  const startMs = performance.now();
  const closing = leave();
  const tookMs = (await left) - startMs;
  await Promise.all([...entries, closing]);
  await helper.cancelAllOrders(SYMBOL);
  return tookMs;
}

async function sentBy(client, call, urgency) {
  const result = await client.call('createOrder', call, { urgency });
  if (!result.ok) throw new Error(result.failure.detail);
}
