// Position mode, margin mode and leverage: read at every connect, set where the session names
// them, and read back. "Already so" is a success (P2); an account in another mode is refused, since
// orders for one mode are rejected, or worse turned, in the other (P1).
import { EXIT, RunnerError } from '../../errors.js';
import { accountKindOf, usdm } from './binance-endpoints.js';
import type { CallFailure, ExchangeClient } from './exchange-client.js';
import { type Reading, failed, parsed, read, rowOf, rowsOf, textOf } from './reading.js';

export interface AccountModes {
  readonly symbols: readonly string[];
  readonly positionMode: 'one_way' | 'hedge';
  readonly marginMode?: 'cross' | 'isolated';
  readonly leverage?: number;
}

const MARGIN_ALREADY_SO = '-4046';

/** Null = the account is as wanted; a RunnerError = it is not and cannot be made so. */
export async function settleModes(
  client: ExchangeClient,
  wanted: AccountModes,
): Promise<Reading<RunnerError | null>> {
  const kind = accountKindOf(client.id);
  if (kind === 'spot') return read(null);
  if (kind === 'generic') return settleUnified(client, wanted);
  const isHedged = await readPositionMode(client);
  if (!isHedged.ok) return isHedged;
  const mode = isHedged.value ? 'hedge' : 'one_way';
  if (mode !== wanted.positionMode) return read(wrongPositionMode(mode, wanted.positionMode));
  for (const symbol of wanted.symbols) {
    const settled = await settleSymbol(client, symbol, wanted);
    if (!settled.ok || settled.value !== null) return settled;
  }
  return read(null);
}

async function readPositionMode(client: ExchangeClient): Promise<Reading<boolean>> {
  const answer = await client.call<unknown>('fetchPositionMode', (exchange) =>
    usdm(exchange).fapiPrivateGetPositionSideDual(),
  );
  return parsed('fetchPositionMode', answer, (value) => {
    const { dualSidePosition } = rowOf(value);
    if (typeof dualSidePosition === 'boolean') return dualSidePosition;
    throw new TypeError('the answer has no dualSidePosition');
  });
}

async function settleSymbol(
  client: ExchangeClient,
  symbol: string,
  wanted: AccountModes,
): Promise<Reading<RunnerError | null>> {
  const before = await readSymbol(client, symbol);
  if (!before.ok) return before;
  const { id } = client.exchange.market(symbol) as { readonly id: string };
  const { leverage } = wanted;
  const marginType = marginTypeOf(wanted);
  const refusals: CallFailure[] = [];
  if (marginType !== undefined && before.value.marginType !== marginType) {
    const set = await client.call(
      'setMarginMode',
      (exchange) => usdm(exchange).fapiPrivatePostMarginType({ symbol: id, marginType }),
      { isExpected: ({ venueCode }) => venueCode === MARGIN_ALREADY_SO },
    );
    if (!set.ok) refusals.push(set.failure);
  }
  if (leverage !== undefined && before.value.leverage !== leverage) {
    const set = await client.call('setLeverage', (exchange) =>
      usdm(exchange).fapiPrivatePostLeverage({ symbol: id, leverage }),
    );
    if (!set.ok) refusals.push(set.failure);
  }
  // What was answered is not what holds: only reading it back says that (P3).
  const after = await readSymbol(client, symbol);
  if (!after.ok) return after;
  const isMargin = marginType === undefined || after.value.marginType === marginType;
  const isLeverage = leverage === undefined || after.value.leverage === leverage;
  if (isMargin && isLeverage) return read(null);
  const [refusal] = refusals;
  if (refusal !== undefined && refusal.venueCode === null) return failed('account modes', refusal);
  return read(wrongSetting(symbol, after.value, wanted, refusal));
}

interface SymbolSetting {
  readonly marginType: string;
  readonly leverage: number;
}

async function readSymbol(client: ExchangeClient, symbol: string): Promise<Reading<SymbolSetting>> {
  const { id } = client.exchange.market(symbol) as { readonly id: string };
  const answer = await client.call<unknown>('fetchLeverage', (exchange) =>
    usdm(exchange).fapiPrivateGetSymbolConfig({ symbol: id }),
  );
  return parsed('fetchLeverage', answer, (value) => {
    const row = rowsOf(value).find((candidate) => candidate['symbol'] === id);
    if (row === undefined) throw new TypeError(`the answer has no ${id}`);
    const leverage = Number(textOf(row, 'leverage'));
    if (!Number.isFinite(leverage)) throw new TypeError('leverage is not a number');
    return { marginType: textOf(row, 'marginType'), leverage };
  });
}

function marginTypeOf({ marginMode }: AccountModes): 'CROSSED' | 'ISOLATED' | undefined {
  if (marginMode === undefined) return undefined;
  return marginMode === 'cross' ? 'CROSSED' : 'ISOLATED';
}

// The unified calls that a venue has; a venue that tells no mode is taken at the user's word.
async function settleUnified(
  client: ExchangeClient,
  { symbols, positionMode, leverage }: AccountModes,
): Promise<Reading<RunnerError | null>> {
  const { has } = client.exchange;
  for (const symbol of symbols.filter((name) => name.includes(':'))) {
    if (has['fetchPositionMode'] === true) {
      const answer = await client.call<unknown>('fetchPositionMode', (exchange) =>
        exchange.fetchPositionMode(symbol),
      );
      const hedged = parsed(
        'fetchPositionMode',
        answer,
        (value) => rowOf(value)['hedged'] === true,
      );
      if (!hedged.ok) return hedged;
      const mode = hedged.value ? 'hedge' : 'one_way';
      if (mode !== positionMode) return read(wrongPositionMode(mode, positionMode));
    }
    if (leverage !== undefined && has['setLeverage'] === true) {
      const set = await client.call('setLeverage', (exchange) =>
        exchange.setLeverage(leverage, symbol),
      );
      if (!set.ok) return failed('setLeverage', set.failure);
    }
  }
  return read(null);
}

function wrongPositionMode(mode: string, wanted: string): RunnerError {
  return new RunnerError({
    code: 'ACCOUNT_MODE_MISMATCH',
    message: `the account is in ${mode} mode, the session needs ${wanted} mode`,
    why: 'Orders made for one mode are refused in the other, or open what they should close',
    next:
      'change the position mode at the exchange while no position and no order is open, ' +
      'or run on an account that has it',
    exitCode: EXIT.configuration,
    context: { mode, wanted },
  });
}

function wrongSetting(
  symbol: string,
  { marginType, leverage }: SymbolSetting,
  wanted: AccountModes,
  refusal: CallFailure | undefined,
): RunnerError {
  const needs = [marginTypeOf(wanted), wanted.leverage].filter((part) => part !== undefined);
  return new RunnerError({
    code: 'ACCOUNT_MODE_MISMATCH',
    message: `${symbol} stands at ${marginType}, leverage ${leverage}; wanted ${needs.join(', ')}`,
    ...(refusal === undefined ? {} : { why: `The exchange says: ${refusal.detail}` }),
    next: 'close positions and orders of the symbol or change the config, then start again',
    exitCode: EXIT.configuration,
    context: { symbol, marginType, leverage },
  });
}
