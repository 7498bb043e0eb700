// A strategy that does everything that moves money, drawn from a seed: it opens by market and by
// limit with a stop, adds a level, takes a part, tightens its stop and closes; at the end it only
// closes. The same bar and the same holdings always give the same answer.
import type { Bar, StrategyContext } from '@strategy-runner/contracts';
import { SeededRandom } from '../../adapters/src/venue-server/seeded-random.js';
import {
  amendProtection,
  cancel,
  closeSide,
  dca,
  limitAt,
  openLong,
  openShort,
  partialClose,
  quantity,
} from './bodies.js';
import type { OnBar } from './world-strategy.js';

/** The first bar under the fault, counted from 0. */
export const FAULT_BAR = 5;
const STOP_BPS = 40;
const TIGHT_BPS = 25;

/** From bar `untilBar` on it opens nothing and closes what is open. */
export function faultStrategy(seed: number, untilBar: number): OnBar {
  return (bar, ctx, index) => {
    const draw = new SeededRandom(seed * 1000 + index);
    draw.next();
    const position = ctx.positions[0];
    if (index >= untilBar) {
      const working = ctx.open_intents.filter(({ kind }) => kind === 'open' || kind === 'dca');
      if (position !== undefined) return closeSide(position.side, { target: {} });
      return working.length > 0 ? cancel({ orders: 'entries' }) : undefined;
    }
    // Whatever was drawn before, the fault meets an order and a stop that follows from it.
    if (index === FAULT_BAR) return atFault(bar, position);
    return position === undefined ? enter(bar, ctx, draw) : manage(bar, position, draw);
  };
}

type Held = StrategyContext['positions'][number];

function atFault({ close }: Bar, held: Held | undefined): unknown {
  if (held === undefined) {
    const protection = { place: 'exchange_required', stop_loss: { at: stopLevel(close, 'long') } };
    const open = openLong({ sizing_policy: quantity('0.3'), protection });
    return [cancel({ orders: 'entries' }), open];
  }
  return dca(held.dca_level + 1, { sizing_policy: quantity('0.1'), target: {} });
}

function enter({ close }: Bar, ctx: StrategyContext, draw: SeededRandom): unknown {
  if (ctx.open_intents.length > 0) {
    return draw.next() < 0.5 ? cancel({ orders: 'entries' }) : undefined;
  }
  const side = draw.next() < 0.5 ? 'long' : 'short';
  const open = side === 'long' ? openLong : openShort;
  const protection = { place: 'exchange_required', stop_loss: { at: stopLevel(close, side) } };
  const common = { sizing_policy: quantity('0.3'), protection };
  if (draw.next() < 0.5) return open(common);
  const price = side === 'long' ? close - 5 : close + 5;
  return open({
    ...common,
    order: limitAt(price.toFixed(1)),
    fallback: {
      mode: 'limit_to_market',
      on: ['timeout'],
      after_ms: 60_000,
      max_slippage_bps: 100,
    },
  });
}

function manage({ close }: Bar, { side, dca_level: level }: Held, draw: SeededRandom): unknown {
  const chosen = draw.next();
  if (chosen < 0.25) {
    const size = { sizing_policy: quantity('0.1'), target: {} };
    return dca(level + 1, size);
  }
  if (chosen < 0.5) return partialClose({ share_bps: 4000, of: 'current' }, { target: {} });
  if (chosen < 0.7) {
    const stop_loss = { at: stopLevel(close, side, TIGHT_BPS) };
    return amendProtection({ stop_loss }, { target: {}, allow_loosen: true });
  }
  return chosen < 0.9 ? closeSide(side, { target: {} }) : undefined;
}

function stopLevel(close: number, side: 'long' | 'short', bps = STOP_BPS) {
  const distance = (close * bps) / 10_000;
  return { abs: (side === 'long' ? close - distance : close + distance).toFixed(1) };
}

/** Closes that wander by a few tenths of a percent, so that stops are met now and then. */
export function wanderingCloses(seed: number, count: number): readonly number[] {
  const draw = new SeededRandom(seed + 77);
  const closes: number[] = [];
  let last = 50_000;
  for (let at = 0; at < count; at += 1) {
    last *= 1 + (draw.next() - 0.5) * 0.005;
    closes.push(Number(last.toFixed(1)));
  }
  return closes;
}
