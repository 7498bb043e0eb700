// Money that moved for no trade: funding, transfers and the like, read from the venue's own list
// behind a cursor, so that a payment is told once and none is missed while we were away (P10, P13).
// Fees and realised profit are left out: they come with their fills.
import type { Side } from '@strategy-runner/contracts';
import { type Decimal, ZERO, decimal } from '@strategy-runner/core';
import { accountKindOf, contractSymbol, usdm } from './binance-endpoints.js';
import type { Emit, ExchangeClient, RawMessage } from './exchange-client.js';
import { type IncomeRow, eventOf, incomeRow, isWithFills, spotMove } from './income-row.js';
import { pause } from './pause.js';
import { type Reading, type Row, parsed, read, rowsOf, textOf, unread } from './reading.js';

export interface IncomeParts {
  readonly client: ExchangeClient;
  readonly emit: Emit;
  /** Value of the cursor `income` that the session has kept; undefined = a new session. */
  readonly cursor: string | undefined;
  /** The side that is held of a symbol, as far as anybody knows; for payments without a rate. */
  readonly sideOf?: (symbol: string) => Side | undefined;
  /** Waits before a payment that was announced is looked for again, wall ms. */
  readonly retryMs?: readonly number[];
}

/** Reasons of ACCOUNT_UPDATE behind which no row of income is to be looked for. */
const NO_INCOME: ReadonlySet<string> = new Set(['ORDER', 'MARGIN_TYPE_CHANGE', 'ASSET_TRANSFER']);

const PAGE_ROWS = 1000;
const MAX_PAGES = 100;
const RETRY_MS = [0, 500, 1000, 2000, 4000, 8000] as const;
/** Rows may appear in the list later than others with a later time. */
const OVERLAP_MS = 60_000;
const MAX_KNOWN = 5000;

export class IncomeReader {
  readonly #parts: IncomeParts;
  readonly #known = new Set<string>();
  readonly #stop = new AbortController();
  #cursorMs: number | null;
  /** Nothing before this is read again: it is in the cash that the session began with. */
  #fromMs: number;
  #reading: Promise<Reading<number>> | null = null;
  #awaiting: Promise<void> | null = null;

  constructor(parts: IncomeParts) {
    this.#parts = parts;
    this.#cursorMs = parts.cursor === undefined ? null : Number(parts.cursor);
    this.#fromMs = this.#cursorMs ?? 0;
  }

  /** When no payment is announced whose row the venue does not show yet. */
  settled(): Promise<void> {
    return this.#awaiting ?? Promise.resolve();
  }

  /** Tells what is new; answers how many payments that were. Reads that overlap are one. */
  read(): Promise<Reading<number>> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  onMessage(message: RawMessage): void {
    const event = (message.body['event'] ?? message.body) as Row;
    if (message.name === 'balanceUpdate') {
      // Spot has no list of its transfers under this key: the stream is all there is.
      const moved = spotMove(event, this.#parts.client.clock.now());
      if (moved !== undefined) this.#parts.emit(moved);
    }
    if (message.name !== 'ACCOUNT_UPDATE') return;
    const account = event['a'];
    if (typeof account !== 'object' || account === null) return;
    const reason = (account as Row)['m'];
    if (typeof reason === 'string' && !NO_INCOME.has(reason)) this.#await();
  }

  stop(): void {
    this.#stop.abort();
  }

  // The list is behind the stream: the row of an announced payment may take seconds to appear.
  #await(): void {
    this.#awaiting ??= this.#untilTold().finally(() => {
      this.#awaiting = null;
    });
  }

  async #untilTold(): Promise<void> {
    for (const waitMs of this.#parts.retryMs ?? RETRY_MS) {
      if (!(await pause(waitMs, this.#stop.signal))) return;
      const told = await this.read();
      if (told.ok && told.value > 0) return;
    }
  }

  async #readOnce(): Promise<Reading<number>> {
    const { client } = this.#parts;
    if (accountKindOf(client.id) !== 'usdm') return read(0);
    if (this.#cursorMs === null) return this.#begin();
    let told = 0;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await this.#page();
      if (!answer.ok) return answer;
      const news = answer.value.filter(({ id }) => !this.#known.has(id));
      // Fewer rows than asked for say nothing: a venue may cut its pages. No news is the end.
      if (news.length === 0) return read(told);
      for (const row of news) told += await this.#tell(row);
      this.#moveCursor(Math.max(...news.map(({ paidMs }) => paidMs)));
    }
    return unread(`fetchLedger: more than ${MAX_PAGES} pages of income`);
  }

  // A new session begins with what the account holds now: what was paid before is in it.
  async #begin(): Promise<Reading<number>> {
    const startMs = this.#parts.client.clock.now();
    this.#fromMs = startMs;
    const answer = await this.#page();
    if (!answer.ok) return answer;
    for (const { id } of answer.value) this.#remember(id);
    this.#moveCursor(startMs);
    return read(0);
  }

  async #page(): Promise<Reading<readonly IncomeRow[]>> {
    const { client } = this.#parts;
    const startTime = Math.max(this.#fromMs, (this.#cursorMs ?? 0) - OVERLAP_MS);
    const answer = await client.call<unknown>('fetchLedger', (exchange) =>
      usdm(exchange).fapiPrivateGetIncome({ startTime, limit: PAGE_ROWS }),
    );
    return parsed('fetchLedger', answer, (rows) =>
      rowsOf(rows)
        .map(incomeRow)
        .sort((a, b) => a.paidMs - b.paidMs),
    );
  }

  async #tell(row: IncomeRow): Promise<0 | 1> {
    this.#remember(row.id);
    if (isWithFills(row)) return 0;
    const { client, emit, sideOf } = this.#parts;
    const symbol = contractSymbol(client.exchange, row.venueSymbol);
    const rate = row.type === 'FUNDING_FEE' ? await this.#fundingRate(row) : ZERO;
    emit(eventOf(row, { ts: client.clock.now(), symbol, rate, held: sideOf?.(symbol) }));
    return 1;
  }

  // Told for the record only; the amount is what was paid. Zero where the venue does not say.
  async #fundingRate({ venueSymbol, paidMs }: IncomeRow): Promise<Decimal> {
    const about = { symbol: venueSymbol, startTime: paidMs - OVERLAP_MS, endTime: paidMs + 1 };
    const answer = await this.#parts.client.call<unknown>(
      'fetchFundingRateHistory',
      (exchange) => usdm(exchange).fapiPublicGetFundingRate(about),
      { isExpected: () => true },
    );
    const rate = parsed('fetchFundingRateHistory', answer, (rows) => {
      const last = rowsOf(rows).at(-1);
      return last === undefined ? ZERO : decimal(textOf(last, 'fundingRate'));
    });
    return rate.ok ? rate.value : ZERO;
  }

  #moveCursor(ms: number): void {
    if (this.#cursorMs !== null && ms <= this.#cursorMs) return;
    this.#cursorMs = ms;
    const { emit, client } = this.#parts;
    emit({ kind: 'cursor', ts: client.clock.now(), name: 'income', value: String(ms) });
  }

  #remember(id: string): void {
    this.#known.add(id);
    if (this.#known.size <= MAX_KNOWN) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }
}
