import { describe, expect, test } from 'vitest';
import {
  type WorldOptions,
  aWorld,
  amendProtection,
  cancel,
  closeLong,
  dca,
  hold,
  limitAt,
  openLong,
  openShort,
  partialClose,
  quantity,
} from '../../../support/world.js';

const fallback = { mode: 'limit_to_market', on: ['reject'], max_slippage_bps: 10 };

function firstDenial(body: unknown, options: WorldOptions) {
  return aWorld({ strategy: { 0: body }, bars: [100], ...options }).denied()[0];
}

describe('[rule-02] contract version', () => {
  test('[rule-02] the host stamps the version that it supports', () => {
    const world = aWorld({ strategy: { 0: openLong() }, bars: [100] });
    expect(world.accepted()[0]!.intent.contract).toBe('1.0');
  });

  test('[rule-02] an author cannot claim another version', () => {
    expect(firstDenial(openLong({ contract: '9.0' }), {})).toMatchObject({
      code: 'SCHEMA_INVALID',
      path: '/contract',
    });
  });
});

describe('[rule-02] capabilities', () => {
  test.each([
    ['open', openLong()],
    ['close', closeLong()],
    ['partial_close', partialClose({ share_bps: 5000, of: 'current' })],
    ['dca', dca(1)],
    ['cancel', cancel({ orders: 'all' })],
    ['amend_protection', amendProtection({ stop_loss: { at: { abs: '90' } } })],
    ['hold', hold()],
  ])('[rule-02] denies the kind %s where the manifest does not declare it', (kind, body) => {
    const kinds = ['open', 'close', 'partial_close', 'dca', 'cancel', 'amend_protection', 'hold'];
    const others = kinds.filter((other) => other !== kind) as ['open'];
    expect(firstDenial(body, { capabilities: { kinds: others } })).toMatchObject({
      code: 'CAPABILITY_UNDECLARED',
      path: '/kind',
      detail: `kind ${kind} is not declared; the manifest has ${others.join(', ')}`,
    });
  });

  test('[rule-02] denies a side that is not declared', () => {
    expect(firstDenial(openShort(), { capabilities: { sides: ['long'] } })).toMatchObject({
      code: 'CAPABILITY_UNDECLARED',
      path: '/side',
    });
  });

  test('[rule-02] denies a market that is not declared', () => {
    const options = { capabilities: { markets: ['spot'] } } as const;
    expect(firstDenial(openLong(), options)).toMatchObject({
      code: 'CAPABILITY_UNDECLARED',
      path: '/symbol',
      detail: 'market swap is not declared; the manifest has spot',
    });
  });

  test.each([
    ['qty', quantity('1')],
    ['quote_notional', { mode: 'quote_notional', amount: '100' }],
    ['equity_fraction', { mode: 'equity_fraction', fraction_bps: 100, basis: 'equity' }],
    ['risk_percent', { mode: 'risk_percent', risk_bps: 50, basis: 'equity' }],
    ['delegate_notional', 'delegate_notional'],
    ['delegate_notional', { mode: 'delegate_notional' }],
  ])('[rule-02] denies the sizing mode %s where it is not declared', (mode, sizing_policy) => {
    const protection = { stop_loss: { at: { abs: '90' } } };
    const denial = firstDenial(openLong({ sizing_policy, protection }), {
      capabilities: { sizing_modes: [] },
    });
    expect(denial).toMatchObject({
      code: 'CAPABILITY_UNDECLARED',
      path: '/sizing_policy/mode',
      detail: `sizing ${mode} is not declared; the manifest has nothing`,
    });
  });

  test('[rule-02] denies a fallback that the manifest does not declare, in every leg', () => {
    const options = { capabilities: { fallback: 'none' } } as const;
    const entry = openLong({ order: limitAt('99'), fallback });
    expect(firstDenial(entry, options)).toMatchObject({
      code: 'CAPABILITY_UNDECLARED',
      path: '/fallback/mode',
    });
    const stop = { at: { abs: '90' }, order: 'limit', limit_offset_bps: 5, fallback };
    expect(firstDenial(openLong({ protection: { stop_loss: stop } }), options)).toMatchObject({
      code: 'CAPABILITY_UNDECLARED',
      path: '/protection/stop_loss/fallback/mode',
    });
    const target = { at: { abs: '110' }, share_bps: 10_000, fallback };
    expect(firstDenial(openLong({ protection: { take_profit: [target] } }), options)).toMatchObject(
      {
        code: 'CAPABILITY_UNDECLARED',
        path: '/protection/take_profit/0/fallback/mode',
      },
    );
  });

  test('[rule-02] the host must permit a fallback too', () => {
    const body = openLong({ order: limitAt('99'), fallback });
    expect(firstDenial(body, { policy: { allowFallback: false } })).toMatchObject({
      code: 'FALLBACK_NOT_PERMITTED',
      path: '/fallback',
    });
    const target = { at: { abs: '110' }, share_bps: 10_000, fallback };
    const inLeg = openLong({ protection: { take_profit: [target] } });
    expect(firstDenial(inLeg, { policy: { allowFallback: false } })).toMatchObject({
      code: 'FALLBACK_NOT_PERMITTED',
      path: '/protection/take_profit/0/fallback',
    });
  });

  test('[rule-02] what the execution policy fills in needs the capability as well', () => {
    const world = aWorld({
      strategy: { 0: { ...openLong(), order: undefined } },
      execution: {
        open: {
          order: { type: 'limit', price: { abs: '99' } },
          fallback: { mode: 'limit_to_market', on: ['reject'], max_slippage_bps: 10 },
        },
      },
      capabilities: { fallback: 'none' },
      bars: [100],
    });
    expect(world.codes()).toEqual(['CAPABILITY_UNDECLARED']);
  });

  test('[rule-02] what is declared is taken', () => {
    const world = aWorld({
      strategy: { 0: openLong({ order: limitAt('99'), fallback }) },
      capabilities: {
        kinds: ['open'],
        markets: ['swap'],
        sides: ['long'],
        sizing_modes: ['qty'],
        fallback: 'limit_to_market',
      },
      bars: [100],
    });
    expect(world.denied()).toEqual([]);
    expect(world.accepted()).toHaveLength(1);
  });
});
