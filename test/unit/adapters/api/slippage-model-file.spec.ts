import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { SlippageModel } from '@strategy-runner/core';
import {
  loadModelFor,
  loadSlippageModel,
  slippageModelText,
  withHash,
} from '../../../../adapters/src/api/slippage-model-file.js';
import { slippagePremises } from '../../../../adapters/src/api/slippage-premises.js';
import { aSlippageModel } from '../../../support/slippage-model.js';

const folder = mkdtempSync(join(tmpdir(), 'runner-model-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function aFile(text: string): string {
  files += 1;
  const path = join(folder, `model-${files}.json`);
  writeFileSync(path, text);
  return path;
}

function aModel(...given: Parameters<typeof aSlippageModel>): SlippageModel {
  const { hash: _hash, ...content } = aSlippageModel(...given);
  return withHash(content);
}

const saved = (model: SlippageModel): string => aFile(slippageModelText(model));

function refusal(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}

describe('the file of a slippage model', () => {
  test('is read as it was written', () => {
    const model = aModel({ half_spread_bps: 1.25 });
    expect(loadSlippageModel(saved(model))).toEqual(model);
  });

  test('is refused once a number in it has changed', () => {
    const text = slippageModelText(aModel({ half_spread_bps: 1.25 })).replace('1.25', '1.24');
    expect(refusal(() => loadSlippageModel(aFile(text)))).toMatchObject({
      code: 'SLIPPAGE_MODEL_INVALID',
      exitCode: 65,
    });
  });

  test.each<[string, string]>([
    ['is not JSON', 'no'],
    ['is another document', '{"schema":"runner.report/1"}'],
    ['is no object', 'null'],
    ['would pay for trading', slippageModelText(aModel({ sell_bps: -1 }))],
    ['lacks an hour', slippageModelText(aModel({ hours_bps: [0, 0, 0] }))],
  ])('is refused where it %s', (_title, text) => {
    expect(refusal(() => loadSlippageModel(aFile(text)))).toMatchObject({
      code: 'SLIPPAGE_MODEL_INVALID',
    });
  });

  test('is refused on other bars than it was fitted on', () => {
    const path = saved(aModel({}, { timeframe: '1h' }));
    expect(loadModelFor(path, '1h').timeframe).toBe('1h');
    expect(refusal(() => loadModelFor(path, '1m'))).toMatchObject({
      code: 'SLIPPAGE_MODEL_INVALID',
      message: expect.stringContaining('1h bars, the run has 1m') as string,
    });
  });

  test('has to be there', () => {
    expect(refusal(() => loadSlippageModel(join(folder, 'none.json')))).toMatchObject({
      code: 'FILE_NOT_FOUND',
      exitCode: 66,
    });
  });
});

describe('the model of a run', () => {
  const RUN = { symbol: 'BTC/USDT:USDT', timeframe: '1m' };
  const premisesOf = (model: SlippageModel, run = RUN) =>
    slippagePremises({ slippage_model: saved(model) }, run);

  test('is pinned by its hash, wherever its file lies', () => {
    const model = aModel();
    expect(premisesOf(model)).toEqual({
      fitted: { slippageModel: model },
      pinned: { slippage_model: model.hash },
      warnings: [],
    });
  });

  test('leaves everything as it is where there is none', () => {
    expect(slippagePremises({}, RUN)).toEqual({ fitted: {}, pinned: {}, warnings: [] });
  });

  test.each([
    ['was no better than a constant', aModel({}, { is_better_than_constant: false }), RUN],
    ['was fitted on another symbol', aModel(), { ...RUN, symbol: 'ETH/USDT:USDT' }],
  ])('is doubted aloud where it %s', (_title, model, run) => {
    expect(premisesOf(model, run).warnings).toEqual([
      { code: 'SLIPPAGE_MODEL_DOUBTFUL', message: expect.any(String) as string },
    ]);
  });
});
