// The real streaming client that also keeps every message before it is parsed: ccxt itself joins
// and drops some, so what the exchange sent is read here.
import ccxt from 'ccxt';
import type { UsdmClient } from './ccxt-client.js';

export type RawEvent = Readonly<Record<string, unknown>> & { readonly e: string };

export class RawClient extends ccxt.pro.binanceusdm {
  readonly raw: RawEvent[] = [];

  override handleMessage(socket: never, message: never): unknown {
    const event = message as Partial<RawEvent>;
    if (typeof event.e === 'string') this.raw.push(event as RawEvent);
    return super.handleMessage(socket, message);
  }

  /** The order events so far, as [execution, status, cumulative quantity]. */
  executions(): readonly (readonly unknown[])[] {
    return this.raw
      .filter(({ e }) => e === 'ORDER_TRADE_UPDATE')
      .map((event) => {
        const { x, X, z } = event['o'] as Record<string, unknown>;
        return [x, X, z];
      });
  }

  named(name: string): readonly RawEvent[] {
    return this.raw.filter(({ e }) => e === name);
  }
}

/** Opens the user stream and keeps it, without waiting for an order to come. */
export async function openUserStream(client: UsdmClient, count: () => number): Promise<void> {
  void keep(client);
  const until = Date.now() + 5000;
  while (count() === 0) {
    if (Date.now() > until) throw new Error('the user stream did not open');
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

async function keep(client: UsdmClient): Promise<void> {
  try {
    for (;;) await client.watchOrders();
  } catch {
    // Closed by the test, or broken by the fault that it shows.
  }
}
