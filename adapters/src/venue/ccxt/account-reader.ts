// Positions and balances as the venue shows them, figures read from its own text. A failed answer
// is never read as flat: the caller gets all of it or the reason why not.
import {
  type Decimal,
  type VenueBalance,
  type VenuePosition,
  ZERO,
  decimal,
} from '@strategy-runner/core';
import type { Exchange } from 'ccxt';
import { accountKindOf, contractSymbol, spot, usdm } from './binance-endpoints.js';
import type { CallResult, ExchangeClient } from './exchange-client.js';
import { type Reading, type Row, parsed, read, rowOf, rowsOf, textOf } from './reading.js';

export class AccountReader {
  readonly #client: ExchangeClient;
  readonly #symbols: () => readonly string[];

  /** `symbols`: those that are read where a venue shows no account as a whole. */
  constructor(client: ExchangeClient, symbols: () => readonly string[]) {
    this.#client = client;
    this.#symbols = symbols;
  }

  /** Whether positions and orders of all symbols can be read (R25). */
  get scope(): 'account' | 'symbols' {
    return accountKindOf(this.#client.id) === 'generic' ? 'symbols' : 'account';
  }

  /** Open positions; spot has none but its balances. */
  async positions(): Promise<Reading<readonly VenuePosition[]>> {
    const kind = accountKindOf(this.#client.id);
    if (kind === 'spot') return read([]);
    if (kind === 'usdm') {
      const answer = await this.#client.call<unknown>('fetchPositions', (exchange) =>
        usdm(exchange).fapiPrivateV3GetPositionRisk(),
      );
      return parsed('fetchPositions', answer, (rows) =>
        rowsOf(rows).flatMap((row) => usdmPosition(this.#client.exchange, row)),
      );
    }
    const symbols = this.#symbols().filter((symbol) => symbol.includes(':'));
    if (symbols.length === 0) return read([]);
    const answer: CallResult<unknown> = await this.#client.call('fetchPositions', (exchange) =>
      exchange.fetchPositions([...symbols]),
    );
    return parsed('fetchPositions', answer, (rows) =>
      rowsOf(rows).flatMap((row) => unifiedPosition(this.#client.exchange, row)),
    );
  }

  async balances(): Promise<Reading<readonly VenueBalance[]>> {
    const kind = accountKindOf(this.#client.id);
    const answer = await this.#client.call<unknown>('fetchBalance', (exchange) =>
      kind === 'usdm'
        ? usdm(exchange).fapiPrivateV3GetBalance()
        : kind === 'spot'
          ? spot(exchange).privateGetAccount({ omitZeroBalances: true })
          : exchange.fetchBalance(),
    );
    return parsed('fetchBalance', answer, (value) => {
      if (kind === 'usdm') return rowsOf(value).map(usdmBalance);
      if (kind === 'spot') return rowsOf(rowOf(value)['balances']).map(spotBalance);
      return unifiedBalances(this.#client.exchange, rowOf(value));
    });
  }
}

function usdmPosition(exchange: Exchange, row: Row): readonly VenuePosition[] {
  const amount = decimal(textOf(row, 'positionAmt'));
  if (amount === ZERO) return [];
  const side = textOf(row, 'positionSide');
  const isLong = side === 'BOTH' ? amount > ZERO : side === 'LONG';
  return [
    {
      symbol: contractSymbol(exchange, textOf(row, 'symbol')),
      side: isLong ? 'long' : 'short',
      quantity: amount < ZERO ? -amount : amount,
      entryPrice: decimal(textOf(row, 'entryPrice')),
    },
  ];
}

// Unified positions count contracts, and as floats: their shortest decimal is taken for meant.
function unifiedPosition(exchange: Exchange, row: Row): readonly VenuePosition[] {
  const contracts = Number(row['contracts'] ?? Number.NaN);
  if (!Number.isFinite(contracts)) throw new TypeError('the answer has no contracts');
  if (contracts === 0) return [];
  const size = Number(row['contractSize'] ?? 1);
  const quantity = plain(exchange, Math.abs(contracts) * size);
  const isShort = row['side'] === 'short' || contracts < 0;
  return [
    {
      symbol: textOf(row, 'symbol'),
      side: isShort ? 'short' : 'long',
      quantity,
      entryPrice: plain(exchange, Number(row['entryPrice'] ?? Number.NaN)),
    },
  ];
}

// The wallet, without what open positions have won or lost on paper.
function usdmBalance(row: Row): VenueBalance {
  return {
    currency: textOf(row, 'asset'),
    total: decimal(textOf(row, 'balance')),
    free: decimal(textOf(row, 'availableBalance')),
  };
}

function spotBalance(row: Row): VenueBalance {
  const free = decimal(textOf(row, 'free'));
  return { currency: textOf(row, 'asset'), total: free + decimal(textOf(row, 'locked')), free };
}

function unifiedBalances(exchange: Exchange, balance: Row): readonly VenueBalance[] {
  const totals = rowOf(balance['total']);
  const frees = rowOf(balance['free'] ?? {});
  return Object.entries(totals).flatMap(([currency, total]) => {
    if (typeof total !== 'number') return [];
    const free = frees[currency];
    return [
      {
        currency,
        total: plain(exchange, total),
        free: typeof free === 'number' ? plain(exchange, free) : null,
      },
    ];
  });
}

const PLACES = 18;

function plain(exchange: Exchange, value: number): Decimal {
  if (!Number.isFinite(value)) throw new TypeError('a figure of the answer is not a number');
  const text = exchange.numberToString(Number(value.toPrecision(15))) ?? '';
  const point = text.indexOf('.');
  return decimal(point < 0 ? text : text.slice(0, point + 1 + PLACES));
}
