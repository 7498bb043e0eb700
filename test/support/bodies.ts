// Intent bodies with sensible defaults; a test names only what it is about. They are plain objects,
// so a test may also make a wrong one.
export type Body = Readonly<Record<string, unknown>>;

const MARKET = { type: 'market' };

export function quantity(qty: string, more: object = {}): Body {
  return { mode: 'qty', qty, unit: 'base', ...more };
}

export function limitAt(price: string, more: object = {}): Body {
  return { type: 'limit', price: { abs: price }, ...more };
}

export function stopAt(price: string, more: object = {}): Body {
  return { stop_loss: { at: { abs: price }, ...more } };
}

export function openLong(more: object = {}): Body {
  return {
    kind: 'open',
    side: 'long',
    sizing_policy: quantity('1'),
    order: MARKET,
    reason: { code: 'test.open' },
    ...more,
  };
}

export function openShort(more: object = {}): Body {
  return openLong({ side: 'short', ...more });
}

/** Closes this side; pass `{ target: {} }` for the only position. */
export function closeSide(side: 'long' | 'short', more: object = {}): Body {
  return {
    kind: 'close',
    target: { side },
    order: MARKET,
    reason: { code: 'test.close' },
    ...more,
  };
}

export function closeLong(more: object = {}): Body {
  return closeSide('long', more);
}

export function closeShort(more: object = {}): Body {
  return closeSide('short', more);
}

export function partialClose(amount: object, more: object = {}): Body {
  return {
    kind: 'partial_close',
    target: { side: 'long' },
    amount,
    order: MARKET,
    reason: { code: 'test.partial' },
    ...more,
  };
}

export function dca(level: number, more: object = {}): Body {
  return {
    kind: 'dca',
    target: { side: 'long' },
    level,
    sizing_policy: quantity('1'),
    protection_mode: 'keep',
    order: MARKET,
    reason: { code: 'test.dca' },
    ...more,
  };
}

export function cancel(scope: object, more: object = {}): Body {
  return { kind: 'cancel', scope, reason: { code: 'test.cancel' }, ...more };
}

export function amendProtection(protection: object, more: object = {}): Body {
  return {
    kind: 'amend_protection',
    target: { side: 'long' },
    mode: 'merge',
    protection,
    reason: { code: 'test.amend' },
    ...more,
  };
}

export function hold(more: object = {}): Body {
  return { kind: 'hold', reason: { code: 'test.hold' }, ...more };
}
