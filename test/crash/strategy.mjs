// What the killed sessions trade: a round of ten bars with every kind of order that a kill could
// catch. It keeps nothing between bars, so what it says does not depend on what was missed.
const MINUTE_MS = 60_000;
const ROUND = 10;

const quantity = (qty) => ({ mode: 'qty', qty, unit: 'base' });
const because = (code) => ({ code: `crash.${code}` });

function priceAt(close, bps) {
  return (Math.round(close * (1 + bps / 10_000) * 10) / 10).toFixed(1);
}

/** A stop, and on the short side a target that rests in the book and takes a part. */
function protectionOf(side, close) {
  const sign = side === 'long' ? 1 : -1;
  const stop_loss = { at: { abs: priceAt(close, -sign * 120) } };
  if (side === 'long') return { stop_loss };
  const at = { abs: priceAt(close, sign * 50) };
  return { stop_loss, take_profit: [{ at, share_bps: 3000, order: 'limit' }] };
}

function open(side, close, { qty, order }) {
  return {
    kind: 'open',
    side,
    sizing_policy: quantity(qty),
    order,
    protection: protectionOf(side, close),
    partial_fill: { policy: 'keep' },
    reason: because('open'),
  };
}

function amend(side, close, bps) {
  const sign = side === 'long' ? 1 : -1;
  return {
    kind: 'amend_protection',
    target: { side },
    mode: 'merge',
    protection: { stop_loss: { at: { abs: priceAt(close, -sign * bps) } } },
    allow_loosen: true,
    reason: because('amend'),
  };
}

const MARKET = { type: 'market' };
const PASSIVE = {
  type: 'limit',
  price: { offset_bps: 3, from: 'reference' },
  time_in_force: 'GTC',
};

/** Larger than what passes by in a tick, so that it fills in parts. */
const LARGE = '2.5';

function flat(step, side, close, working) {
  if (step === 0 && working.length === 0) return open(side, close, { qty: LARGE, order: PASSIVE });
  if (step === 2 || step === 7) {
    return working.map(({ intent_id }) => cancel(intent_id));
  }
  if (step === 3 && working.length === 0) return open(side, close, { qty: '1.5', order: MARKET });
  if (step === 5 && working.length === 0) return open(side, close, { qty: LARGE, order: PASSIVE });
  return undefined;
}

function cancel(intent_id) {
  return { kind: 'cancel', scope: { intent_id }, reason: because('cancel') };
}

function held(step, position, close) {
  const target = { side: position.side };
  switch (step) {
    case 1:
    case 4:
      return amend(position.side, close, 90);
    case 5:
      return {
        kind: 'partial_close',
        target,
        amount: { share_bps: 3000, of: 'current' },
        on_dust: 'close_all',
        order: MARKET,
        reason: because('part'),
      };
    case 6:
      return {
        kind: 'dca',
        target,
        level: position.dca_level + 1,
        sizing_policy: quantity('0.4'),
        protection_mode: 'keep',
        order: MARKET,
        reason: because('add'),
      };
    case 7:
      return amend(position.side, close, 110);
    case 8:
      // What rests reduce-only would take its share of the close.
      return { ...amend(position.side, close, 110), remove: ['take_profit'] };
    case 9:
      return { kind: 'close', target, order: MARKET, reason: because('close') };
    default:
      return undefined;
  }
}

export default {
  manifest: { id: 'crash' },
  create: (ctx) => ({
    onBar(bar) {
      const minute = Math.round(bar.close_ms / MINUTE_MS);
      const step = minute % ROUND;
      const side = Math.floor(minute / ROUND) % 2 === 0 ? 'long' : 'short';
      const [position] = ctx.positions;
      const entries = ctx.open_intents.filter(({ kind }) => kind === 'open');
      if (position === undefined) return flat(step, side, bar.close, entries);
      // An entry that is filled in part is cancelled too: its rest is no longer wanted.
      if (step === 2) return entries.map(({ intent_id }) => cancel(intent_id));
      return held(step, position, bar.close);
    },
  }),
};
