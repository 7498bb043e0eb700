// Starts the local exchange on loopback and hands out what a test or the command needs of it.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CountdownCancel } from './countdown-cancel.js';
import { type Exchange, type ExchangeSettings, createExchange } from './exchange.js';
import { FaultBook } from './faults.js';
import { httpListener } from './http-listener.js';
import { ListenKeys } from './listen-keys.js';
import { Player, type Speed } from './player.js';
import type { Playback } from './playback.js';
import { RateLimit, SPOT_LIMITS } from './rate-limit.js';
import { SeededRandom } from './seeded-random.js';
import type { Credentials } from './signature.js';
import type { SpotState } from './spot-state.js';
import { StreamHub } from './stream-hub.js';
import { TruthLog } from './truth-log.js';
import type { VenueState } from './venue-state.js';

export interface VenueOptions extends ExchangeSettings {
  readonly clock: { now(): number };
  /** 0 = any free one. */
  readonly port?: number;
  readonly speed?: Speed;
  readonly credentials?: Credentials;
  /** Default: a new one. */
  readonly identityKey?: string;
  /** Also written here as it happens. */
  readonly logPath?: string;
}

export interface RunningVenue {
  readonly port: number;
  /** http://127.0.0.1:<port> */
  readonly url: string;
  readonly identityKey: string;
  readonly credentials: Credentials;
  readonly state: VenueState;
  readonly spot: SpotState;
  readonly playback: Playback;
  readonly faults: FaultBook;
  readonly hub: StreamHub;
  readonly truth: TruthLog;
  stop(): Promise<void>;
}

export async function startVenue(options: VenueOptions): Promise<RunningVenue> {
  const parts = assemble(options);
  const { credentials, exchange, truth, faults, hub, player, countdown, identityKey } = parts;
  const server = createServer(parts.listener);
  hub.attach(server);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  player.start();
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    player.stop();
    countdown.stop();
    hub.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const url = `http://127.0.0.1:${port}`;
  const { state, spot, playback } = exchange;
  return { port, url, identityKey, credentials, state, spot, playback, faults, hub, truth, stop };
}

function assemble(options: VenueOptions) {
  const { seed, clock, speed = 'step', symbols } = options;
  const credentials = options.credentials ?? { apiKey: 'venue-key', secret: 'venue-secret' };
  const identityKey = options.identityKey ?? randomBytes(32).toString('hex');
  let skewMs = 0;
  const serverMs = (): number => clock.now() + skewMs;
  const setSkew = (ms: number): void => {
    skewMs = ms;
  };
  const exchange = createExchange(options);
  const { state, spot, playback } = exchange;
  const truth = new TruthLog(options.logPath);
  const faults = new FaultBook(new SeededRandom(seed + 1));
  const rateLimit = new RateLimit(serverMs);
  const spotRateLimit = new RateLimit(serverMs, SPOT_LIMITS);
  const listenKeys = new ListenKeys(serverMs);
  const countdown = new CountdownCancel(state);
  const random = new SeededRandom(seed + 2);
  const hub = new StreamHub({ state, spot, faults, listenKeys, random, credentials, serverMs });
  tell(exchange, truth, hub);
  const player = new Player({
    playback,
    speed,
    timeframeMs: symbols[0]?.timeframeMs ?? 60_000,
    now: () => clock.now(),
    marketNow: () => state.nowMs,
  });
  const context = { state, spot, listenKeys, countdown, serverMs };
  const rateLimits = [rateLimit, spotRateLimit];
  const listener = httpListener({
    identity: { key: identityKey, speed, marketMs: () => player.marketMs() },
    rest: { context, credentials, rateLimit, spotRateLimit, faults, truth },
    admin: { state, spot, playback, faults, rateLimits, hub, truth, serverMs, setSkew },
  });
  return { credentials, exchange, truth, faults, hub, player, countdown, identityKey, listener };
}

/** First the log, then the world. */
function tell(
  { state, spot, listen, listenSpot }: Exchange,
  truth: TruthLog,
  hub: StreamHub,
): void {
  listen((event) => {
    truth.appendEvent(event, state.nowMs);
    hub.publish(event);
  });
  listenSpot((event) => {
    truth.appendSpotEvent(event, spot.nowMs);
    hub.publishSpot(event);
  });
}
