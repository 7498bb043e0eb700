// How a session gets its shadow, if it wants one: caught up on what was recorded before the first
// bar, and heard after each bar.
import type { Engine, EngineConfig, LiveDriver } from '@strategy-runner/core';
import type { Logger } from 'pino';
import type { SqliteStore } from '../store/sqlite/sqlite-store.js';
import type { EventRelay } from './event-relay.js';
import type { Setup } from './setup.js';
import { type ShadowOptions, ShadowWatch } from './shadow-watch.js';

export interface ShadowSources {
  readonly setup: Setup;
  readonly config: EngineConfig;
  readonly log: Logger;
  readonly store: SqliteStore;
  readonly relay: EventRelay;
}

export async function shadowOf(
  options: ShadowOptions | undefined,
  { setup, config, log, store, relay }: ShadowSources,
): Promise<ShadowWatch | undefined> {
  if (options === undefined) return undefined;
  const watch = new ShadowWatch({ ...options, setup, config, log });
  await watch.catchUp(store);
  relay.watch(watch.observe);
  return watch;
}

/** The driver takes what it is told behind the bar that is under way. */
export function tellDrift(watch: ShadowWatch, driver: () => LiveDriver): (engine: Engine) => void {
  return (engine) => {
    for (const event of watch.after(engine)) driver().deliver(event);
  };
}
