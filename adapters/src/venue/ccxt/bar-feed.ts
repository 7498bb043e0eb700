// The live bars of an account: first those that the caller hands in, then each bar as it closes.
// Never one twice, none left out, none before it is closed; a bar whose message does not come is
// fetched. Nothing leaves before `open()`: bars wait until the account is known.
import type { BarRow, Feed, FeedItem } from '@strategy-runner/core';
import { BarGaps } from './bar-gaps.js';
import { BarSequence } from './bar-sequence.js';
import { type BarMessage, klineOf, newestOf, symbolOf } from './bar-stream.js';
import type { Emit, ExchangeClient } from './exchange-client.js';
import { isPlausible } from './history.js';
import { type StreamLog, StreamKeeper } from './stream-keeper.js';
import { type StreamSocket, prepareStreams } from './stream-socket.js';
import { wallMs } from './pause.js';

export interface BarSeriesWanted {
  readonly symbol: string;
  readonly timeframe: string;
  readonly timeframeMs: number;
  /** Closed bars to give first, oldest first. */
  readonly first: readonly BarRow[];
  /** Open time of the last bar that was taken in before `first`; null = none. */
  readonly lastOpenMs: number | null;
}

export interface BarFeedTiming {
  /** How long after its close a bar may be missing before it is fetched, wall ms. */
  readonly graceMs: number;
  /** A stream without any message for this long is given up, wall ms. */
  readonly staleAfterMs: number;
  /** How often both are looked at, wall ms. */
  readonly checkMs: number;
}

const TIMING: BarFeedTiming = { graceMs: 1500, staleAfterMs: 30_000, checkMs: 250 };

export interface BarFeedParts {
  readonly client: ExchangeClient;
  readonly series: readonly BarSeriesWanted[];
  readonly emit: Emit;
  readonly log: StreamLog;
  readonly timing?: Partial<BarFeedTiming>;
}

interface Lane {
  readonly wanted: BarSeriesWanted;
  readonly sequence: BarSequence;
  readonly gaps: BarGaps;
  heardMs: number;
}

export class BarFeed implements Feed {
  readonly #parts: BarFeedParts;
  readonly #timing: BarFeedTiming;
  readonly #lanes: readonly Lane[];
  readonly #queue: { readonly lane: Lane; readonly bar: BarRow }[] = [];
  readonly #keepers: readonly StreamKeeper[];
  #stopListening: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOpen = false;
  #isStopped = false;
  #wake: () => void = () => undefined;

  constructor(parts: BarFeedParts) {
    this.#parts = parts;
    this.#timing = { ...TIMING, ...parts.timing };
    this.#lanes = parts.series.map((wanted) => this.#lane(wanted));
    this.#keepers = this.#streams();
  }

  /** Begins to collect bars; they are handed out after `open`. */
  start(): void {
    const { client } = this.#parts;
    for (const lane of this.#lanes) {
      lane.heardMs = wallMs();
      for (const bar of lane.wanted.first) this.#offer(lane, bar);
    }
    this.#stopListening = client.onRaw((message) => {
      const { exchange } = client;
      const symbols = this.#lanes.map(({ wanted }) => wanted.symbol);
      const heard = klineOf(message, (id) => symbolOf(exchange, id, symbols));
      if (heard !== undefined) this.#hear(heard);
    });
    prepareStreams(client.exchange);
    for (const keeper of this.#keepers) keeper.start();
    this.#timer = setInterval(() => this.#check(), this.#timing.checkMs);
  }

  /** The account has been read and agrees: bars may go out from now on. */
  open(): void {
    this.#isOpen = true;
    this.#wake();
  }

  /** Nothing goes out from now on; the stream is kept. */
  hold(): void {
    this.#isOpen = false;
  }

  get isReady(): boolean {
    return this.#isStopped || (this.#isOpen && this.#queue.length > 0);
  }

  async next(): Promise<FeedItem | undefined> {
    while (!this.isReady) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const item = this.#isStopped ? undefined : this.#queue.shift();
    if (item === undefined) return undefined;
    const { symbol, timeframe } = item.lane.wanted;
    const ts = Math.max(this.#parts.client.clock.now(), item.bar.closeMs);
    // Funding is told by the account, with the amount that was paid.
    return { bar: { kind: 'bar', ts, symbol, timeframe, ...item.bar }, funding: [] };
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#stopListening();
    for (const keeper of this.#keepers) keeper.stop();
    for (const lane of this.#lanes) lane.gaps.stop();
    this.#wake();
  }

  #lane(wanted: BarSeriesWanted): Lane {
    const { client, log } = this.#parts;
    const sequence = new BarSequence(wanted.timeframeMs, wanted.lastOpenMs);
    const lane: Lane = {
      wanted,
      sequence,
      gaps: new BarGaps({
        client,
        log,
        wanted,
        sequence,
        graceMs: this.#timing.graceMs,
        give: (bar) => this.#give(lane, bar),
        tell: (name, fields) => this.#tell(lane, name, fields),
      }),
      heardMs: 0,
    };
    return lane;
  }

  // One stream for all where the venue can; elsewhere one each, and none where there is no such
  // stream at all: what closes is then fetched.
  #streams(): readonly StreamKeeper[] {
    const { client, log } = this.#parts;
    const keeper = (watch: () => Promise<unknown>, onMessage?: (message: unknown) => void) =>
      new StreamKeeper({
        name: 'bars',
        exchange: () => client.exchange,
        log,
        watch,
        isOwn: isBarSocket,
        ...(onMessage === undefined ? {} : { onMessage }),
      });
    const pairs = this.#lanes.map(({ wanted }) => [wanted.symbol, wanted.timeframe]);
    if (client.id.startsWith('binance')) {
      return [keeper(() => client.exchange.watchOHLCVForSymbols(pairs))];
    }
    if (!client.exchange.has['watchOHLCV']) return [];
    return this.#lanes.map(({ wanted: { symbol, timeframe } }) =>
      keeper(
        () => client.exchange.watchOHLCV(symbol, timeframe),
        (rows) => {
          const heard = newestOf(symbol, timeframe, rows);
          if (heard !== undefined) this.#hear(heard);
        },
      ),
    );
  }

  #hear({ symbol, timeframe, openMs, closed }: BarMessage): void {
    const lane = this.#lanes.find(
      ({ wanted }) => wanted.symbol === symbol && wanted.timeframe === timeframe,
    );
    if (lane === undefined || this.#isStopped) return;
    lane.heardMs = wallMs();
    if (closed !== null) return this.#offer(lane, closed);
    // A later bar is under way: the one before it has closed, told or not.
    const { nextOpenMs } = lane.sequence;
    if (nextOpenMs !== null && openMs > nextOpenMs) lane.gaps.fill();
  }

  #offer(lane: Lane, bar: BarRow): void {
    if (!isPlausible(bar)) {
      this.#tell(lane, 'bar_impossible', { bar });
      lane.gaps.fill();
      return;
    }
    const arrival = lane.sequence.judge(bar);
    if (arrival.kind === 'gap') lane.gaps.hold(bar);
    else if (arrival.kind === 'next') this.#give(lane, bar);
    else if (arrival.kind === 'revised') {
      this.#tell(lane, 'bar_revised', { given: arrival.before, revised: bar });
    }
  }

  #give(lane: Lane, bar: BarRow): void {
    lane.sequence.take(bar);
    this.#queue.push({ lane, bar });
    this.#wake();
  }

  #tell(lane: Lane, name: string, fields: object): void {
    const { emit, client, log } = this.#parts;
    const { symbol, timeframe } = lane.wanted;
    const body = JSON.stringify({ symbol, timeframe, ...fields });
    log.warn({ event: name, symbol, timeframe, ...fields }, 'bar not as expected');
    emit({ kind: 'venue_message', ts: client.clock.now(), channel: 'stream', name, body });
  }

  #check(): void {
    const { clock } = this.#parts.client;
    // Where time is moved by hand, silence means nothing.
    if (clock.wallMsUntil(clock.now() + 1) === Infinity) return;
    const silentMs = wallMs() - Math.max(...this.#lanes.map(({ heardMs }) => heardMs));
    if (silentMs >= this.#timing.staleAfterMs) {
      for (const lane of this.#lanes) lane.heardMs = wallMs();
      for (const keeper of this.#keepers) keeper.rebuild(`no bar message for ${silentMs} ms`);
    }
    for (const lane of this.#lanes) lane.gaps.check();
  }
}

function isBarSocket({ subscriptions }: StreamSocket): boolean {
  return Object.keys(subscriptions).some((name) => /ohlcv|kline|candle/i.test(name));
}
