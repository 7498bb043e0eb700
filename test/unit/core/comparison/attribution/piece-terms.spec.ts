import { describe, expect, test } from 'vitest';
import { CHANNELS, type Channel, decimal, format } from '@strategy-runner/core';
import {
  filledAs,
  inProportion,
  quantitiesOf,
} from '../../../../../core/src/comparison/attribution/piece-terms.js';
import type { Piece } from '../../../../../core/src/comparison/attribution/shock-book.js';
import { anInstrument } from '../../../../support/world-config.js';

const COSTS = {
  takerFeeBps: decimal('10'),
  makerFeeBps: decimal('2'),
  slippageBps: decimal('0'),
};

function aPiece(quantity: string, change: Partial<Piece> = {}): Piece {
  const event = {
    kind: 'fill_reported',
    ts: 5,
    order: 'o',
    tradeId: 't',
    price: decimal('101'),
    quantity: decimal(quantity),
    fee: decimal('0.2'),
    feeCurrency: 'USDT',
    liquidity: 'taker',
    basePrice: null,
  } as const;
  return {
    place: { at: 'start' },
    ordinal: 1,
    slotMs: 0,
    of: 0,
    channel: 'timing',
    delay: 0,
    isInPlace: true,
    deltaTs: 0,
    event,
    isLast: false,
    deltaPrice: decimal('1'),
    deltaBase: null,
    deltaFee: decimal('0.05'),
    ...change,
  };
}

const TERMS = { price: decimal('100'), base: decimal('99.9'), liquidity: 'taker' } as const;
const by = (...channels: readonly Channel[]) => {
  return { channels: new Set(channels), costs: COSTS, instrument: anInstrument() };
};

function told(pieces: readonly Piece[], quantity: string, ...channels: readonly Channel[]) {
  const as = filledAs(pieces, decimal(quantity), TERMS, by(...channels));
  const base = as.basePrice === null ? null : format(as.basePrice);
  return [format(as.price), format(as.fee), base];
}

describe('a counterfactual fill', () => {
  test('is the model’s where no channel is applied', () => {
    expect(told([aPiece('2')], '2')).toEqual(['100', '0.2', '99.9']);
  });

  test('is live’s where price and fee are', () => {
    // 101 × 2 at 10 bps is 0.202; live's fee had 0.05 more.
    expect(told([aPiece('2')], '2', ...CHANNELS)).toEqual(['101', '0.252', null]);
  });

  test('takes the fee along in proportion to its notional', () => {
    expect(told([aPiece('2')], '1', 'price', 'fee')).toEqual(['101', '0.126', null]);
  });

  test('that stands for several is at their average, on the tick', () => {
    const pieces = [aPiece('1', { deltaPrice: decimal('1') }), aPiece('2', { deltaPrice: 0n })];
    expect(told(pieces, '3', 'price')[0]).toBe('100.3');
  });

  test('keeps a fee in another currency as live paid it', () => {
    const piece = aPiece('2', { deltaFee: null });
    const paid = { ...piece, event: { ...piece.event, feeCurrency: 'BNB' } };
    const as = filledAs([paid], decimal('1'), TERMS, by('price', 'fee'));
    expect([as.feeCurrency, format(as.fee)]).toEqual(['BNB', '0.1']);
  });

  test('splits by shares, the last piece taking the remainder', () => {
    const order = { quantity: decimal('0.5'), filled: 0n, lotSize: decimal('0.001') };
    const pieces = [aPiece('1'), aPiece('2', { isLast: true })];
    const live = { quantity: decimal('3'), isPartial: true };
    const shares = quantitiesOf(pieces, decimal('0.5'), order, live);
    expect(shares.map(format)).toEqual(['0.166', '0.334']);
  });

  test('fills a part of the order only where partial is applied', () => {
    const order = { quantity: decimal('2'), filled: 0n, lotSize: decimal('0.001') };
    const part = (isPartial: boolean) => {
      const live = { quantity: decimal('4'), isPartial };
      return quantitiesOf([aPiece('1')], decimal('2'), order, live).map(format);
    };
    expect([part(true), part(false)]).toEqual([['0.5'], ['2']]);
  });

  test('is exact where the base is the one that was seen', () => {
    const odd = decimal('0.00000001');
    expect(inProportion(odd, decimal('3'), decimal('3'))).toBe(odd);
    expect(inProportion(decimal('0.3'), decimal('1'), decimal('3'))).toBe(decimal('0.1'));
  });
});
