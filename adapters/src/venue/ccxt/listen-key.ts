// The key behind a user stream of Binance futures: renewing it is the cheapest question whether it
// is still alive. Where there is no such key, any answer shows that the venue can be reached.
import { accountKindOf, usdm } from './binance-endpoints.js';
import type { ExchangeClient } from './exchange-client.js';
import { rowOf } from './reading.js';

/** `other` = the venue serves a key that our socket was not opened with. */
export type KeyState = 'alive' | 'gone' | 'other' | 'unanswered';

/** No listen key of that name: it has expired or never was. */
const KEY_GONE = '-1125';

export async function renewListenKey(client: ExchangeClient): Promise<KeyState> {
  if (accountKindOf(client.id) !== 'usdm') {
    const time = await client.call('fetchTime', (exchange) => exchange.fetchTime());
    return time.ok ? 'alive' : 'unanswered';
  }
  const ours = keyIn(client.exchange.options['future']);
  const answer = await client.call(
    'keepAliveListenKey',
    (exchange) => usdm(exchange).fapiPrivatePutListenKey(),
    { isExpected: ({ venueCode }) => venueCode === KEY_GONE },
  );
  if (!answer.ok) return answer.failure.venueCode === KEY_GONE ? 'gone' : 'unanswered';
  const alive = keyIn(answer.value);
  return alive === undefined || ours === undefined || alive === ours ? 'alive' : 'other';
}

function keyIn(answer: unknown): string | undefined {
  try {
    const { listenKey } = rowOf(answer);
    return typeof listenKey === 'string' ? listenKey : undefined;
  } catch {
    return undefined;
  }
}
