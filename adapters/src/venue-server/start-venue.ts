// Starts the local exchange on loopback and hands out what a test or the command needs of it.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CountdownCancel } from './countdown-cancel.js';
import { type ExchangeSettings, createExchange } from './exchange.js';
import { FaultBook } from './faults.js';
import { httpListener } from './http-listener.js';
import { ListenKeys } from './listen-keys.js';
import { Player, type Speed } from './player.js';
import type { Playback } from './playback.js';
import { RateLimit } from './rate-limit.js';
import { SeededRandom } from './seeded-random.js';
import type { Credentials } from './signature.js';
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
  readonly playback: Playback;
  readonly faults: FaultBook;
  readonly hub: StreamHub;
  readonly truth: TruthLog;
  stop(): Promise<void>;
}

export async function startVenue(options: VenueOptions): Promise<RunningVenue> {
  let skewMs = 0;
  const serverMs = (): number => options.clock.now() + skewMs;
  const { state, playback, listen } = createExchange(options);
  const truth = new TruthLog(options.logPath);
  const faults = new FaultBook(new SeededRandom(options.seed + 1));
  const rateLimit = new RateLimit(serverMs);
  const listenKeys = new ListenKeys(serverMs);
  const countdown = new CountdownCancel(state);
  const hub = new StreamHub({
    state,
    faults,
    listenKeys,
    random: new SeededRandom(options.seed + 2),
  });
  listen((event) => {
    truth.appendEvent(event, state.nowMs);
    hub.publish(event);
  });
  const credentials = options.credentials ?? { apiKey: 'venue-key', secret: 'venue-secret' };
  const identityKey = options.identityKey ?? randomBytes(32).toString('hex');
  const context = { state, listenKeys, countdown, serverMs };
  const setSkew = (ms: number): void => {
    skewMs = ms;
  };
  const server = createServer(
    httpListener({
      identityKey,
      rest: { context, credentials, rateLimit, faults, truth },
      admin: { state, playback, faults, rateLimit, hub, truth, serverMs, setSkew },
    }),
  );
  hub.attach(server);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const timeframeMs = options.symbols[0]?.timeframeMs ?? 60_000;
  const player = new Player(playback, options.speed ?? 'step', timeframeMs);
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
  return { port, url, identityKey, credentials, state, playback, faults, hub, truth, stop };
}
