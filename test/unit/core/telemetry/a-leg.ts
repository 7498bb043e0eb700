// A filled order by hand: a taker that paid so many bps, at a moment of which everything is known.
import { type LegSlippage, decimal } from '@strategy-runner/core';

export interface LegOptions {
  readonly bps?: number;
  readonly side?: 'buy' | 'sell';
  readonly participation?: number;
  readonly volatilityBps?: number;
  readonly hour?: number;
  readonly atMs?: number;
  readonly liquidity?: LegSlippage['liquidity'];
  readonly symbol?: string;
}

const BASE = 100;

export function aLeg(options: LegOptions = {}): LegSlippage {
  const { side = 'buy', bps = 0, atMs = 0 } = options;
  const worse = (side === 'buy' ? bps : -bps) / 10_000;
  const base = decimal(String(BASE));
  return {
    intentId: `i${atMs}`,
    leg: 'entry',
    attempt: 1,
    symbol: options.symbol ?? 'BTC/USDT:USDT',
    side,
    type: 'market',
    liquidity: options.liquidity ?? 'taker',
    waits: false,
    quantity: decimal('1'),
    prices: {
      decision: base,
      arrival: base,
      submit: base,
      base,
      fill: decimal((BASE * (1 + worse)).toFixed(9)),
    },
    times: { decided: atMs, sent: null, acked: null, venue: null, filled: atMs },
    hour: options.hour ?? 0,
    participation: options.participation ?? 0,
    volatilityBps: options.volatilityBps ?? 0,
  };
}

/** Legs at moments of all kinds, a second apart, that pay what `bpsAt` says. */
export function variedLegs(
  count: number,
  bpsAt: (
    leg: Required<Pick<LegOptions, 'side' | 'participation' | 'volatilityBps' | 'hour'>>,
  ) => number,
): readonly LegSlippage[] {
  return Array.from({ length: count }, (_, i) => {
    const moment = {
      side: i % 2 === 0 ? ('buy' as const) : ('sell' as const),
      participation: ((i * 7) % 10) / 1000,
      volatilityBps: 10 + ((i * 11) % 23),
      hour: (i * 5) % 24,
    };
    return aLeg({ ...moment, atMs: i * 1000, bps: bpsAt(moment) });
  });
}
