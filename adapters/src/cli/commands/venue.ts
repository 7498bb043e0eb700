// `runner venue`: the local exchange, on loopback, until SIGINT or SIGTERM. What a client needs to
// know of it is printed on stdout once it listens.
import { appendFileSync } from 'node:fs';
import { SystemClock } from '../../clock/system-clock.js';
import { EXIT, RunnerError } from '../../errors.js';
import { parseSpeed } from '../../market-data/file-feed.js';
import { refuseInProd } from '../../safety/production.js';
import { writeFailed } from '../../store/store-error.js';
import type { Speed } from '../../venue-server/player.js';
import { startVenue } from '../../venue-server/start-venue.js';
import { type SymbolArgs, positive, symbolsOf } from './venue-symbols.js';
import { json, text, writeConfig } from './venue-words.js';

export interface VenueArgs extends SymbolArgs {
  readonly speed: string;
  readonly port: number;
  readonly cash: string;
  readonly spotBase?: string;
  readonly log?: string;
  readonly writeConfig?: string;
  readonly json: boolean;
}

export async function runVenueCommand(args: VenueArgs): Promise<number> {
  refuseInProd('runner venue', process.env);
  const clock = new SystemClock();
  if (args.log !== undefined) assertAppendable(args.log);
  // Given by a caller that starts it again and wants to find the same one.
  const identityKey = process.env['RUNNER_VENUE_IDENTITY_KEY'];
  const venue = await startVenue({
    symbols: symbolsOf(args, clock.now()),
    cash: positive('--cash', args.cash),
    seed: args.seed,
    port: args.port,
    speed: speedOf(args.speed),
    clock,
    ...(args.spotBase === undefined ? {} : { spotBase: positive('--spot-base', args.spotBase) }),
    ...(args.log === undefined ? {} : { logPath: args.log }),
    ...(identityKey === undefined ? {} : { identityKey }),
  }).catch((error: unknown) => {
    throw cannotListen(args.port, error);
  });
  try {
    if (args.writeConfig !== undefined) writeConfig(venue, args.writeConfig);
    process.stdout.write(args.json ? json(venue, args) : text(venue, args));
    await new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve());
      process.once('SIGTERM', () => resolve());
    });
  } finally {
    await venue.stop();
  }
  return EXIT.ok;
}

// Said at the start, not at the first order.
function assertAppendable(path: string): void {
  try {
    appendFileSync(path, '', { mode: 0o600 });
  } catch (error) {
    throw writeFailed(path, error);
  }
}

function speedOf(speed: string): Speed {
  if (speed === 'step') return 'step';
  const pace = parseSpeed(speed);
  return pace === Infinity ? 'max' : pace;
}

function cannotListen(port: number, error: unknown): unknown {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  if (!isTaken) return error;
  return new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `port ${port} is taken`,
    next: 'leave --port out to get a free one',
    cause: error,
  });
}
