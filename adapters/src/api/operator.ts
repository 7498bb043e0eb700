// What an operator tells an account reaches the engine of the run that trades it, on paper as well.
// What comes behind the last event of a run is taken in by nobody, and waits for the next one.
import type { CommandGiven, Feed, FeedItem, LiveDriver, RunStarted } from '@strategy-runner/core';
import type { Logger } from 'pino';
import type { AccountStore } from '../account-store/account-store.js';
import { type FlagWatch, watchFlags } from '../account-store/watch-flags.js';

export interface OperatorParts {
  readonly accountStore: AccountStore;
  readonly driver: Pick<LiveDriver, 'deliver' | 'idle'>;
  /** Time of the events. */
  readonly now: () => number;
  /** When the run has ended, however it came. */
  readonly over: Promise<void>;
  readonly log: Logger;
  /** Entries wait until an operator releases them (B10). */
  readonly isPausedAtStart?: boolean | undefined;
  /** A kill has been taken in that was not up before. */
  readonly onKilled?: (() => void) | undefined;
  readonly isKilled: () => boolean;
}

/** Resolves when what was up at the start has been taken in. */
export function hearOperator(parts: OperatorParts): Promise<FlagWatch> {
  const { accountStore, driver, now, over, log, isPausedAtStart } = parts;
  if (isPausedAtStart === true) driver.deliver(pauseAt(now()));
  return watchFlags({
    store: accountStore,
    onCommand: async ({ command, by, reason, ack }) => {
      log.warn({ event: 'command', command, by, reason }, 'an operator has spoken');
      const said = { kind: 'command', ts: now(), command, by, reason } as const;
      const isNewKill = command === 'kill' && !parts.isKilled();
      driver.deliver(ack === undefined ? said : { ...said, ack });
      const taken = driver.idle().then(() => true);
      if (await Promise.race([taken, over.then(() => false)])) {
        if (isNewKill) parts.onKilled?.();
        return;
      }
      throw new Error(`the run has ended; ${command} waits for the next one`);
    },
    onFault: (error) => log.error({ event: 'commands_unread' }, String(error)),
  });
}

function pauseAt(ts: number): CommandGiven {
  const reason = 'the session was started with --start-paused';
  return { kind: 'command', ts, command: 'pause', by: 'start', reason };
}

export interface HeardRun {
  readonly driver: LiveDriver;
  readonly feed: Feed;
  readonly started: RunStarted;
  readonly operator: Omit<OperatorParts, 'driver' | 'over'>;
  /** What was up has been taken in, and no bar has left. */
  readonly onHeard?: () => void;
}

/** A run on paper that is told what an operator says, from before its first bar until its end. */
export async function runHeard(run: HeardRun): Promise<string> {
  const { driver, feed, started, operator, onHeard } = run;
  const held = new HeldFeed(feed);
  const ended = driver.run(held, started);
  const over = ended.then(nothing, nothing);
  const watch = await hearOperator({ ...operator, driver, over });
  onHeard?.();
  held.open();
  try {
    return await ended;
  } finally {
    await watch.stop();
  }
}

function nothing(): void {
  // Whoever waits for the run itself hears how it ended.
}

/** No bar leaves before the operator has been heard. */
class HeldFeed implements Feed {
  readonly #feed: Feed;
  #isHeld = true;
  #release: () => void = nothing;
  readonly #released = new Promise<void>((resolve) => {
    this.#release = resolve;
  });

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  get isReady(): boolean {
    return !this.#isHeld && this.#feed.isReady;
  }

  open(): void {
    this.#isHeld = false;
    this.#release();
  }

  async next(): Promise<FeedItem | undefined> {
    await this.#released;
    return this.#feed.next();
  }

  stop(): void {
    this.#feed.stop();
    this.open();
  }
}
