// Negative controls of the fault sweep: the same sessions with a build that is broken on purpose.
// Each is caught by the invariant that names its fault: a sweep that cannot fail proves nothing.
import { afterEach, expect, test, vi } from 'vitest';
import { limitAt, openLong, openShort, quantity, stopAt } from '../support/bodies.js';
import * as broken from '../support/broken-builds.js';
import { type FaultCase, runFaultCase } from '../support/fault-session.js';
import { FAULT_BAR, faultStrategy, wanderingCloses } from '../support/fault-strategy.js';
import type { Invariant } from '../support/invariants.js';
import type { OnBar } from '../support/world-strategy.js';

vi.setConfig({ testTimeout: 90_000 });
afterEach(() => vi.restoreAllMocks());

type Fault = Omit<FaultCase, 'name'>;

const SEED = 3;
const ORDER = 'POST /fapi/v1/order';
const LONG = { sizing_policy: quantity('0.1'), protection: stopAt('40000') };
const SHORT = { sizing_policy: quantity('0.1'), protection: stopAt('60000') };

/** From here on what is open is closed. */
const CLOSING_BAR = 12;

const opens: OnBar = (_bar, _ctx, index) => (index === FAULT_BAR ? openLong(LONG) : undefined);

async function caught({ strategy = opens, ...fault }: Fault): Promise<readonly Invariant[]> {
  const closes = faultStrategy(SEED, CLOSING_BAR);
  const { violations } = await runFaultCase(
    {
      name: 'control',
      ...fault,
      strategy: (bar, ctx, index) => (index < CLOSING_BAR ? strategy : closes)(bar, ctx, index),
      restBars: 3,
      calmMs: 2000,
    },
    SEED,
  );
  return [...new Set(violations.map(({ invariant }) => invariant))];
}

const CANCEL_RACE: Fault = {
  rules: [{ endpoint: 'stream ORDER_TRADE_UPDATE', kind: 'drop_frame', times: 0 }],
  strategy: ({ close }, _ctx, index) => {
    if (index !== FAULT_BAR) return undefined;
    const closes = wanderingCloses(SEED, FAULT_BAR + 2);
    const isFalling = closes[FAULT_BAR + 1]! < closes[FAULT_BAR]!;
    const on = ['timeout'];
    const fallback = { mode: 'limit_to_market', on, after_ms: 55_000, max_slippage_bps: 100 };
    const order = limitAt((isFalling ? close - 5 : close + 5).toFixed(1));
    return isFalling
      ? openLong({ ...LONG, order, fallback })
      : openShort({ ...SHORT, order, fallback });
  },
};

interface Control {
  readonly name: string;
  readonly breakIt: () => void;
  readonly invariant: Invariant;
  readonly fault: Fault;
}

const CONTROLS: readonly Control[] = [
  {
    name: 'a retry without a query',
    breakIt: broken.retriesWithoutQuery,
    invariant: 'client-id-executed-once',
    fault: { rules: [{ endpoint: ORDER, kind: 'drop_after' }] },
  },
  {
    name: 'a refused cancel taken for an order that is gone',
    breakIt: broken.takesRefusedCancelForGone,
    invariant: 'intent-executed-once',
    fault: CANCEL_RACE,
  },
  {
    name: 'fills counted by their arrival',
    breakIt: broken.countsFillsByArrival,
    invariant: 'ledger-equals-venue',
    fault: { rules: [{ endpoint: 'stream ORDER_TRADE_UPDATE', kind: 'duplicate', times: 0 }] },
  },
  {
    name: 'an outcome that nobody asks for',
    breakIt: broken.neverAsks,
    invariant: 'unknowns-resolved',
    fault: { rules: [{ endpoint: ORDER, kind: 'drop_before' }] },
  },
  {
    name: 'a retry that does not hear of a kill',
    breakIt: broken.retriesPastKill,
    invariant: 'no-exposure-after-kill',
    fault: { rules: [{ endpoint: ORDER, kind: 'drop_before', times: 0 }], isKilled: true },
  },
  {
    name: 'a stop that was never sent',
    breakIt: broken.claimsStopsPlaced,
    invariant: 'protected',
    fault: {},
  },
];

const TITLED = CONTROLS.map((control) => [control.name, control.invariant, control] as const);

test.concurrent.each(TITLED)('nothing is violated without %s', async (_, _invariant, { fault }) => {
  expect(await caught(fault)).toEqual([]);
});

test.each(TITLED)('%s is caught as %s', async (_, invariant, { breakIt, fault }) => {
  breakIt();
  expect(await caught(fault)).toContain(invariant);
});

test('a desk that forgets the fills it has told is made up for by the engine', async () => {
  broken.forgetsToldFills();
  const rules = [{ endpoint: 'stream ORDER_TRADE_UPDATE', kind: 'duplicate', times: 0 }] as const;
  expect(await caught({ rules })).toEqual([]);
});
