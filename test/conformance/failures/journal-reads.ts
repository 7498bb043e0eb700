// What the cases of streams, storage, time and plugins look at: the trades of the exchange, and
// what the session's journal says of connection, refusals and messages.
import type { EngineEvent } from '@strategy-runner/core';
import type { LiveWorld } from '../../support/live-world.js';
import { expect } from 'vitest';
import { expectSound } from './case-checks.js';

export type Entry = Awaited<ReturnType<LiveWorld['journal']>>[number];

export function isEvent<Kind extends EngineEvent['kind']>(
  entry: Entry,
  kind: Kind,
): entry is Extract<EngineEvent, { kind: Kind }> {
  return 'kind' in entry && entry.kind === kind;
}

/** Ids of the venue's trades, in their order. */
export function tradesOf({ venue }: LiveWorld): readonly string[] {
  return venue.state.trades.map(({ id }) => String(id));
}

/** Connection states as the journal has them. */
export async function statesOf(world: LiveWorld): Promise<readonly string[]> {
  return (await world.eventsOf('connection')).map(({ state }) => state);
}

/** Until the connection has been lost and found again. */
export async function untilBack(world: LiveWorld): Promise<void> {
  await world.until(() => !world.run.isReady);
  await world.until(() => world.run.isReady);
  await world.settle();
}

/** Codes of refused intents. */
export async function denialsOf(world: LiveWorld): Promise<readonly string[]> {
  return (await world.recordsOf('intent_denied')).map(({ code }) => code);
}

/** Bodies of the venue's messages of that name. */
export async function messagesOf(world: LiveWorld, name: string): Promise<readonly string[]> {
  const entries = await world.eventsOf('venue_message');
  return entries.filter((entry) => entry.name === name).map(({ body }) => body);
}

/** Each trade of the venue was told once, and both sides have the same. */
export async function expectEachTradeOnce(world: LiveWorld): Promise<void> {
  const told = (await world.eventsOf('fill_reported')).map(({ tradeId }) => tradeId);
  expect([...told].sort()).toEqual([...tradesOf(world)].sort());
  await expectSound(world);
}
