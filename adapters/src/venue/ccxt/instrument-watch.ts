// Reads the trading rules again every hour, and at once when the venue refuses an order for its
// precision: rules change while a session runs, and an old tick is refused for ever (F9).
import { type AccountEvent, type Decimal, type VenueEvent, decimal } from '@strategy-runner/core';
import type { Emit, ExchangeClient } from './exchange-client.js';
import { filtersOfSymbol } from './instruments.js';
import { pause, wallMs } from './pause.js';
import type { StreamLog } from './stream-keeper.js';

export interface InstrumentTiming {
  /** Wall ms. */
  readonly everyMs?: number;
  /** Least time between two readings, wall ms. */
  readonly leastMs?: number;
}

export interface InstrumentWatchParts extends InstrumentTiming {
  readonly client: ExchangeClient;
  readonly symbols: readonly string[];
  readonly emit: Emit;
  readonly log: StreamLog;
}

const HOUR_MS = 3_600_000;
const LEAST_MS = 10_000;

/** Refusals that a changed rule explains. */
const PRECISION_CODES: ReadonlySet<string> = new Set([
  '-1111',
  '-4003',
  '-4004',
  '-4005',
  '-4013',
  '-4014',
  '-4023',
  '-4164',
]);
const PRECISION_WORDS = /PRICE_FILTER|LOT_SIZE|MIN_NOTIONAL|\bNOTIONAL\b|precision/i;

export class InstrumentWatch {
  readonly #parts: InstrumentWatchParts;
  readonly #stop = new AbortController();
  readonly #known = new Map<string, string>();
  #reading: Promise<boolean> | null = null;
  #readMs = 0;
  #isDue = false;

  constructor(parts: InstrumentWatchParts) {
    this.#parts = parts;
  }

  /** Takes the rules as loaded for known, and reads them again from time to time. */
  start(): void {
    this.#compare(false);
    this.#readMs = wallMs();
    void this.#run();
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Sees the events of the venue: a refusal for precision asks for the rules. */
  observe(event: VenueEvent | AccountEvent): void {
    const isPrecision =
      (event.kind === 'api_error' && PRECISION_CODES.has(event.venueCode ?? '')) ||
      ((event.kind === 'api_error' || event.kind === 'order_rejected') &&
        PRECISION_WORDS.test(event.detail));
    if (isPrecision && !this.#isDue) void this.#reloadOnce();
  }

  // Refusals in a row ask once; one soon after a reading is not forgotten, it waits.
  async #reloadOnce(): Promise<void> {
    const { leastMs = LEAST_MS } = this.#parts;
    this.#isDue = true;
    const waitMs = this.#readMs + leastMs - wallMs();
    if (waitMs <= 0 || (await pause(waitMs, this.#stop.signal))) await this.reload();
    this.#isDue = false;
  }

  /** False where the venue did not answer; the rules of before stay. */
  reload(): Promise<boolean> {
    this.#readMs = wallMs();
    this.#reading ??= this.#reload().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #run(): Promise<void> {
    while (await pause(this.#parts.everyMs ?? HOUR_MS, this.#stop.signal)) await this.reload();
  }

  async #reload(): Promise<boolean> {
    const { client } = this.#parts;
    const loaded = await client.call('loadMarkets', (exchange) => exchange.loadMarkets(true));
    // ccxt would answer every later loading with this failure, although it has the markets.
    if (!loaded.ok) (client.exchange as { marketsLoading?: unknown }).marketsLoading = undefined;
    else if (!this.#stop.signal.aborted) this.#compare(true);
    return loaded.ok;
  }

  #compare(isTold: boolean): void {
    const { client, symbols, emit, log } = this.#parts;
    for (const symbol of symbols) {
      try {
        const filters = filtersOfSymbol(client.exchange, symbol);
        const text = JSON.stringify(filters);
        const before = this.#known.get(symbol);
        this.#known.set(symbol, text);
        if (!isTold || before === text) continue;
        log.info({ event: 'filters_changed', symbol, filters }, 'trading rules changed');
        emit({
          kind: 'filters_changed',
          ts: client.clock.now(),
          symbol,
          tickSize: decimal(filters.tick_size),
          lotSize: decimal(filters.lot_size),
          minQuantity: decimal(filters.min_quantity ?? filters.lot_size),
          minNotional: decimal(filters.min_notional ?? '0'),
          maxQuantity: limitOf(filters.max_quantity),
          maxMarketQuantity: limitOf(filters.max_market_quantity),
        });
      } catch (error) {
        // A symbol that is listed no more keeps its last rules: what is held must still get out.
        const detail = error instanceof Error ? error.message : String(error);
        log.warn({ event: 'filters_unread', symbol, detail }, 'trading rules unread');
      }
    }
  }
}

function limitOf(text: string | undefined): Decimal | null {
  return text === undefined ? null : decimal(text);
}
