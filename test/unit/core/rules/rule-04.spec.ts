import { describe, expect, test } from 'vitest';
import type { StrategyContext } from '@strategy-runner/contracts';
import { type Ask, BarSeries, Engine, type EngineRecord } from '@strategy-runner/core';
import { aConfig, anInstance } from '../../../support/world-config.js';
import { MINUTE_MS, START_MS, SYMBOL, aBar, aWorld, openLong } from '../../../support/world.js';

/** An engine whose plugin answers when the test says so, as one in a worker would. */
function aSlowHost() {
  const records: EngineRecord[] = [];
  const series = new Map([[`${SYMBOL}|1m`, new BarSeries(SYMBOL, '1m', 100)]]);
  const hooks = { onFill: false, onIntentEvent: false, onTimer: false };
  const config = aConfig({ instances: [anInstance({ hooks })] });
  const sink = {
    event: () => undefined,
    record: (record: EngineRecord) => void records.push(record),
  };
  const engine = new Engine({ config, sink, series });
  const asked: number[] = [];
  return {
    engine,
    records,
    asked,
    bar(index: number) {
      engine.process(aBar({ openMs: START_MS + index * MINUTE_MS }));
      for (const effect of engine.effects) if (effect.kind === 'ask') asked.push(effect.ask.id);
      engine.effects.length = 0;
    },
    answer(askId: Ask['id'], ...bodies: unknown[]) {
      const base = { kind: 'answer', ts: engine.now, timers: [], fault: null } as const;
      engine.process({ ...base, askId, bodies });
      for (const effect of engine.effects) if (effect.kind === 'ask') asked.push(effect.ask.id);
      engine.effects.length = 0;
    },
    ofType: (type: EngineRecord['type']) => records.filter((record) => record.type === type),
  };
}

describe('[rule-04] an intent belongs to the event that was asked about', () => {
  test('[rule-04] as_of is the closed bar, and the place in the answer', () => {
    const world = aWorld({ strategy: { 3: [openLong({ side: 'short' }), openLong()] } });
    world.bars([100, 100, 100, 100]);
    const closeMs = START_MS + 4 * MINUTE_MS;
    expect(world.accepted().map(({ intent }) => [intent.as_of.time_ms, intent.as_of.seq])).toEqual([
      [closeMs, 0],
      [closeMs, 1],
    ]);
  });

  test('[rule-04] an intent of another hook carries the time of that event and no bar', () => {
    const world = aWorld({
      strategy: {
        onBar: (_bar, ctx, index) => {
          if (index === 0) ctx.setTimer('later', START_MS + 90_000);
        },
        onTimer: () => openLong(),
      },
      bars: [100, 100],
    });
    const { as_of } = world.accepted()[0]!.intent;
    expect(as_of).toEqual({ time_ms: START_MS + 2 * MINUTE_MS, seq: 0 });
  });

  test('[rule-04] an answer that comes after further bars is about its own bar', () => {
    const host = aSlowHost();
    host.bar(0);
    host.bar(1);
    host.answer(host.asked[0]!, openLong());
    const accepted = host.ofType('intent_accepted')[0] as Extract<
      EngineRecord,
      { type: 'intent_accepted' }
    >;
    expect(accepted.intent.as_of).toEqual({
      time_ms: START_MS + MINUTE_MS,
      bar: { timeframe: '1m', open_ms: START_MS, close_ms: START_MS + MINUTE_MS },
      seq: 0,
    });
  });

  test('[rule-04] the second answer to one question is late and never acted on', () => {
    const host = aSlowHost();
    host.bar(0);
    host.answer(host.asked[0]!);
    host.answer(host.asked[0]!, openLong());
    expect(host.ofType('answer_late')).toMatchObject([{ askId: 1, code: 'ANSWER_LATE' }]);
    expect(host.ofType('intent_accepted')).toEqual([]);
    expect(host.engine.state.orders.size).toBe(0);
  });

  test.each([0, 7, -1])(
    '[rule-04] an answer to question %i, never asked, is not acted on',
    (id) => {
      const host = aSlowHost();
      host.bar(0);
      host.answer(id, openLong());
      host.answer(host.asked[0]!);
      host.answer(id, openLong());
      expect(host.ofType('answer_late')).toHaveLength(2);
      expect(host.ofType('intent_accepted')).toEqual([]);
    },
  );

  test('[rule-04] one question is out at a time, and later bars wait their turn', () => {
    const host = aSlowHost();
    host.bar(0);
    host.bar(1);
    expect(host.asked).toEqual([1]);
    host.answer(1);
    expect(host.asked).toEqual([1, 2]);
  });
});

describe('[rule-04] nothing of the future can be seen', () => {
  test('[rule-04] at each bar the last closed bar is the present, and there is none beyond', () => {
    const seen: unknown[] = [];
    aWorld({
      strategy: (bar: { close: number; close_ms: number }, ctx: StrategyContext) => {
        const { bars, now } = ctx;
        seen.push([bar.close, bars.close(0), bars.length, bars.close(-1), now - bar.close_ms]);
      },
      bars: [100, 101, 102],
    });
    expect(seen).toEqual([
      [100, 100, 1, Number.NaN, 0],
      [101, 101, 2, Number.NaN, 0],
      [102, 102, 3, Number.NaN, 0],
    ]);
  });
});
