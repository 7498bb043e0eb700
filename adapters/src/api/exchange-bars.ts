// The live bars of a session: first what it has not had yet of the bars that closed before, then
// each one as it closes.
import { type Engine, barRowAt } from '@strategy-runner/core';
import type { Logger } from 'pino';
import { BarFeed } from '../venue/ccxt/bar-feed.js';
import type { CcxtClient } from '../venue/ccxt/client.js';
import type { EventRelay } from './event-relay.js';
import type { Setup } from './setup.js';

export interface BarSources {
  readonly setup: Setup;
  readonly client: CcxtClient;
  readonly relay: EventRelay;
  readonly log: Logger;
}

export function barsAfter({ series }: Engine, { setup, client, relay, log }: BarSources): BarFeed {
  const { symbol, bars } = setup;
  const { timeframe, timeframeMs, columns } = bars;
  const recorded = series.get(`${symbol}|${timeframe}`)!;
  const lastOpenMs = recorded.length === 0 ? null : recorded.openMs(0);
  const rows = Array.from({ length: columns.length }, (_, row) =>
    barRowAt(columns, row, timeframeMs),
  );
  // What the session has is not given again; a longer absence is filled in by the feed itself.
  const first = rows.filter(({ openMs }) => lastOpenMs === null || openMs > lastOpenMs);
  const wanted = [{ symbol, timeframe, timeframeMs, first, lastOpenMs }];
  return new BarFeed({ client, series: wanted, emit: relay.emit, log });
}
