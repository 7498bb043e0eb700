import { expect, test } from 'vitest';
import { checkConfig, ladderAmounts } from '../../../../plugins/dca-ladder/src/config.js';
import { DCA_LADDER } from '../bundled.js';

const fields = Object.entries(DCA_LADDER.schema.properties);
const defaults = Object.fromEntries(
  fields.map(([name, field]) => [name, field.default]),
) as unknown as Parameters<typeof checkConfig>[0];

test('every level costs one and a half times the one before', () => {
  expect(ladderAmounts(defaults)).toEqual(['200', '300', '450', '675', '1012.5']);
});

test('amounts are exact, and rounded down to 1e-8 where they do not end', () => {
  const config = { ...defaults, base_notional: '0.1', scale_bps: 3333, levels: 3 };
  expect(ladderAmounts(config)).toEqual(['0.1', '0.03333', '0.01110888', '0.00370259']);
});

test('a stop inside the ladder is refused', () => {
  expect(() => checkConfig(defaults)).not.toThrow();
  expect(() => checkConfig({ ...defaults, stop_bps: 401 })).not.toThrow();
  expect(() => checkConfig({ ...defaults, stop_bps: 400 })).toThrow(
    'CONFIG_INVALID: 4 levels of 100 bps reach 400 bps and stop_bps is 400',
  );
});
