import { describe, expect, test } from 'vitest';
import { MINUTE_MS, START_MS, SYMBOL, aWorld, idOf, openLong } from '../../../support/world.js';

describe('[rule-03] the host stamps the identity', () => {
  test('[rule-03] the envelope names the loaded plugin, its instance, symbol and event', () => {
    const world = aWorld({ strategy: { 1: openLong() }, bars: [100, 101.5] });
    const closeMs = START_MS + 2 * MINUTE_MS;
    expect(world.accepted()[0]!.intent).toMatchObject({
      intent_id: idOf(1, 'open.long'),
      strategy: { id: 'runner-strategy-sample', version: '1.0.0', instance: `${SYMBOL}:sample` },
      symbol: SYMBOL,
      as_of: {
        time_ms: closeMs,
        bar: { timeframe: '1m', open_ms: closeMs - MINUTE_MS, close_ms: closeMs },
        seq: 0,
      },
      reference_price: '101.5',
    });
  });

  test.each([
    ['strategy', { id: 'someone-else', version: '1.0.0', instance: 'x' }],
    ['intent_id', 'my-own-id'],
    ['as_of', { time_ms: 1, seq: 0 }],
  ])('[rule-03] an author cannot write %s into the envelope', (key, value) => {
    const world = aWorld({ strategy: { 0: openLong({ [key]: value }) }, bars: [100] });
    expect(world.denied()[0]).toMatchObject({ code: 'SCHEMA_INVALID', path: `/${key}` });
  });

  test('[rule-03] a symbol other than that of the instance is denied', () => {
    const world = aWorld({ strategy: { 0: openLong({ symbol: 'ETH/USDT:USDT' }) }, bars: [100] });
    expect(world.denied()[0]).toMatchObject({
      code: 'IDENTITY_MISMATCH',
      path: '/symbol',
      detail: `ETH/USDT:USDT is not the symbol of ${SYMBOL}:sample`,
    });
    expect(world.created()).toEqual([]);
  });

  test('[rule-03] the symbol of the instance may be said', () => {
    const world = aWorld({ strategy: { 0: openLong({ symbol: SYMBOL }) }, bars: [100] });
    expect(world.accepted()).toHaveLength(1);
  });

  test('[rule-03] two instances that say the same are told apart', () => {
    const world = aWorld({
      strategy: { 0: openLong() },
      also: [{ symbol: 'ETH/USDT:USDT', strategy: { 0: openLong() } }],
    });
    world.bar(100).bar(50, 50, 50, 50, { symbol: 'ETH/USDT:USDT' });
    expect(world.accepted().map(({ intent }) => [intent.strategy.instance, intent.symbol])).toEqual(
      [
        [`${SYMBOL}:sample`, SYMBOL],
        ['ETH/USDT:USDT:other-1', 'ETH/USDT:USDT'],
      ],
    );
  });

  test('[rule-03] the decision price of the author is kept where one is given', () => {
    const world = aWorld({
      strategy: { 0: openLong({ reference_price: '99.5' }) },
      bars: [100, 100],
    });
    expect(world.accepted()[0]!.intent.reference_price).toBe('99.5');
    expect(world.fills()[0]!.slippageBps).toBeCloseTo(50.25, 2);
  });
});

describe('[rule-03] a plugin learns who it is, and not where it runs', () => {
  test('[rule-03] its context has these members only, and none tells the mode [R22]', () => {
    const world = aWorld({ bars: [100] });
    const context = world.heard.context!;
    const prototype: object = Object.getPrototypeOf(context);
    const members = [...Object.keys(context), ...Object.getOwnPropertyNames(prototype)];
    const ofTheRuntime = ['constructor', 'begin', 'takeTimers'];
    expect(members.filter((name) => !ofTheRuntime.includes(name)).sort()).toEqual([
      'account',
      'bars',
      'config',
      'instrument',
      'log',
      'now',
      'open_intents',
      'phase',
      'position',
      'positions',
      'random',
      'series',
      'setTimer',
    ]);
    const { instrument, account, positions, open_intents } = context;
    const told = JSON.stringify([instrument, account, positions, open_intents, world.heard.bars]);
    expect(told).not.toMatch(/live|paper|backtest|sim|session/i);
  });

  test('[rule-03] nothing of the host hangs on what the plugin is given [R22]', () => {
    const { bars, instrument } = aWorld({ bars: [100] }).heard.context!;
    expect(Object.isFrozen(bars) && Object.isFrozen(instrument)).toBe(true);
    expect('append' in bars).toBe(false);
  });
});
