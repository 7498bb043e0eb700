import { validateIntentBody } from '@strategy-runner/contracts/validators';
import type { IntentBody, Side } from '@strategy-runner/contracts';
import { describe, expect, test } from 'vitest';
import { ALL, BREAKOUT, DCA_LADDER, SMA_CROSS, type Bundled } from './bundled.js';
import { aWalk, firstOf, randomOf } from './a-walk.js';
import { type EngineRun, type RunOptions, restarting, runInEngine } from './engine-run.js';

const LENGTH = 1200;
const WALK = aWalk(LENGTH, 7, 120);
const NAMES = ALL.map((plugin) => [plugin.name, plugin] as const);

function said(run: EngineRun): readonly unknown[] {
  return run.intents.map(({ intent_id, reason }) => [intent_id, reason]);
}

/** What a plugin returned, as the host captured it: denied bodies included. */
function bodies(plugin: Bundled, options: RunOptions = {}): readonly IntentBody[] {
  const seen: IntentBody[] = [];
  const keep = (answer: unknown): void => {
    if (answer === undefined || answer === null) return;
    seen.push(...((Array.isArray(answer) ? answer : [answer]) as readonly IntentBody[]));
  };
  runInEngine(plugin, WALK, {
    ...options,
    wrap: (given) => ({
      ...given,
      create(ctx) {
        const running = given.create(ctx);
        return {
          onBar(bar) {
            const answer = running.onBar(bar);
            keep(answer);
            return answer;
          },
          onFill: (fill) => running.onFill?.(fill),
          onIntentEvent: (event) => running.onIntentEvent?.(event),
        };
      },
    }),
  });
  return seen;
}

describe.each(NAMES)('%s in the engine', (_name, plugin) => {
  test('says only what the host accepts', () => {
    const run = runInEngine(plugin, WALK);
    expect(run.denied.map(({ code, kind, detail }) => [code, kind, detail])).toEqual([]);
    expect(run.fills.length).toBeGreaterThan(0);
  });

  test('says only what its manifest declares, and leaves nothing declared unsaid', () => {
    const { capabilities } = plugin.manifest;
    const all = [
      ...bodies(plugin),
      ...(plugin === SMA_CROSS ? bodies(plugin, { config: { side: 'both', qty: '0.5' } }) : []),
    ];
    const opens = all.filter((body) => body.kind === 'open');
    const sizes = all.flatMap((body) => ('sizing_policy' in body ? [body.sizing_policy] : []));
    const modes = sizes.map((policy) => (typeof policy === 'string' ? policy : policy.mode));
    expect(all.map((body) => [body, validateIntentBody(body)?.message])).toEqual(
      all.map((body) => [body, undefined]),
    );
    expect([...new Set(all.map(({ kind }) => kind))].sort()).toEqual(
      [...capabilities.kinds].sort(),
    );
    expect([...new Set(opens.map(({ side }) => side))].sort()).toEqual(
      [...capabilities.sides].sort(),
    );
    expect([...new Set(modes)].sort()).toEqual([...capabilities.sizing_modes].sort());
  });

  test('decides the same where the later bars do not exist', () => {
    const whole = said(runInEngine(plugin, WALK));
    for (const length of [200, 500, 900]) {
      const part = said(runInEngine(plugin, firstOf(WALK, length)));
      expect(part.length).toBeGreaterThan(0);
      expect(part).toEqual(whole.slice(0, part.length));
    }
  });

  test.each([1, 2, 3])('goes on as if nothing had happened after restarts (seed %i)', (seed) => {
    const random = randomOf(seed);
    let restarts = 0;
    const isNow = (): boolean => {
      const isRestart = random() < 0.05;
      restarts += isRestart ? 1 : 0;
      return isRestart;
    };
    const whole = runInEngine(plugin, WALK);
    const broken = runInEngine(plugin, WALK, { wrap: restarting(isNow) });
    expect(restarts).toBeGreaterThan(20);
    expect(said(broken)).toEqual(said(whole));
    expect(broken.fills.map(({ price, quantity }) => [price, quantity])).toEqual(
      whole.fills.map(({ price, quantity }) => [price, quantity]),
    );
  });
});

describe('breakout in the engine', () => {
  test('has its defaults from the execution policy, and says where the config departs', () => {
    const provenanceOf = (config: Readonly<Record<string, unknown>>) =>
      runInEngine(BREAKOUT, WALK, { config }).intents.find(({ kind }) => kind === 'open')
        ?.provenance;
    expect(provenanceOf({})).toMatchObject({
      order: 'intent',
      protection: 'intent',
      fallback: 'execution_policy',
      expires: 'execution_policy',
      retry: 'execution_policy',
    });
    expect(provenanceOf({ expiry_bars: 5, max_slippage_bps: 30 })).toMatchObject({
      fallback: 'intent',
      expires: 'intent',
    });
  });

  test('goes to market with what is left once a limit has rested for long enough', () => {
    const config = { fallback_after_ms: 60_000, max_slippage_bps: 200 };
    const run = runInEngine(BREAKOUT, aWalk(LENGTH, 7, 20), { config });
    const legs = new Set(run.fills.map(({ leg }) => leg));
    expect([...legs]).toEqual(expect.arrayContaining(['entry', 'fallback']));
  });

  test('gives an entry up that nobody took within its bars', () => {
    const run = runInEngine(BREAKOUT, aWalk(LENGTH, 7, 20), { config: { offset_bps: 50 } });
    expect(run.recordsOf('intent_done').map(({ outcome }) => outcome)).toContain('expired');
  });

  test('leaves by stop, both targets and its channel', () => {
    const legs = runInEngine(BREAKOUT, WALK).fills.map(({ leg }) => leg);
    expect([...new Set(legs)].sort()).toEqual(['entry', 'exit', 'sl', 'tp1', 'tp2']);
  });
});

test('sma-cross turns from one side to the other and never holds both', () => {
  const run = runInEngine(SMA_CROSS, WALK, { config: { side: 'both', qty: '1' } });
  const held = { long: 0n, short: 0n };
  let turns = 0;
  for (const { positionSide, action, quantity } of run.fills) {
    held[positionSide] += action === 'entry' ? quantity : -quantity;
    expect(held.long === 0n || held.short === 0n).toBe(true);
    turns += action === 'entry' ? 1 : 0;
  }
  expect(turns).toBeGreaterThan(10);
  expect(run.intents.every(({ kind }) => kind === 'open')).toBe(true);
});

describe('dca-ladder in the engine', () => {
  const run = runInEngine(DCA_LADDER, WALK);
  const partial = new Set(
    run.intents.filter(({ kind }) => kind === 'partial_close').map(({ intent_id }) => intent_id),
  );

  test('holds a long and a short at the same time', () => {
    const held = { long: 0n, short: 0n };
    let together = 0;
    for (const { positionSide, action, quantity } of run.fills) {
      held[positionSide] += action === 'entry' ? quantity : -quantity;
      together += held.long > 0n && held.short > 0n ? 1 : 0;
    }
    expect(together).toBeGreaterThan(50);
  });

  test('closes exactly the lot that was bought last, every time', () => {
    const lots: Record<Side, bigint[]> = { long: [], short: [] };
    let closed = 0;
    for (const { positionSide, action, quantity, intentId } of run.fills) {
      const open = lots[positionSide];
      if (action === 'entry') open.push(quantity);
      else if (partial.has(intentId)) {
        expect(open.length).toBeGreaterThan(1);
        expect(quantity).toBe(open.pop());
        closed += 1;
      } else {
        expect(quantity).toBe(open.reduce((sum, lot) => sum + lot, 0n));
        open.length = 0;
      }
    }
    expect(closed).toBeGreaterThan(20);
  });

  test('never adds more levels to a position than its config allows', () => {
    const config = { levels: 2 };
    const { intents, denied } = runInEngine(DCA_LADDER, WALK, { config });
    const levels = intents.flatMap((intent) => (intent.kind === 'dca' ? [intent.level] : []));
    expect(Math.max(...levels)).toBe(2);
    expect(denied).toEqual([]);
  });
});
