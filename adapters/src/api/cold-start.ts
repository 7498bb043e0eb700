// A cold start leaves behind what a session knew, so nothing may be held that only that session
// knows. It is looked at before a new session is made: one that was made and refused would be what
// the next warm start goes on with.
import { OrderCalls } from '../venue/ccxt/order-calls.js';
import { AccountReader } from '../venue/ccxt/account-reader.js';
import type { ExchangeClient } from '../venue/ccxt/exchange-client.js';
import { unavailable } from './exchange-setup.js';
import { isFlat, notFlat } from './start-refusals.js';

/** Errors: COLD_START_REFUSED (77), VENUE_UNAVAILABLE (69). */
export async function assertFlat(
  client: ExchangeClient,
  symbols: readonly string[],
): Promise<void> {
  const positions = await new AccountReader(client, () => symbols).positions();
  if (!positions.ok) throw unavailable(client.id, positions.detail);
  const orders = await new OrderCalls(client).openOrders();
  if (!orders.ok) throw unavailable(client.id, orders.detail);
  const holdings = { positions: positions.value, orders: orders.value };
  if (!isFlat(holdings)) throw notFlat(holdings);
}
