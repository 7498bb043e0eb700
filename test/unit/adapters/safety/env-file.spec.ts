import { expect, test } from 'vitest';
import { readEnvFile } from '../../../../adapters/src/safety/env-file.js';

test('adds what the environment does not have; what it has wins', () => {
  const text = 'A=1\nB="two words" # why\nexport C=3\n\nD=\n';
  expect(readEnvFile(text, { A: 'mine' })).toEqual({
    variables: { B: 'two words', C: '3', D: '' },
    refused: [],
    isIgnored: false,
  });
});

test('[P3] is not read in production', () => {
  const nothing = { variables: {}, refused: [], isIgnored: true };
  expect(readEnvFile('A=1', { RUNNER_ENV: 'prod' })).toEqual(nothing);
  expect(readEnvFile('A=1', { ENVIRONMENT: 'prod' })).toEqual(nothing);
});

test('[P1] opens no gate', () => {
  const text = 'RUNNER_ENV=prod\nENVIRONMENT=prod\nDRY_RUN=0\nCONFIRM_LIVE=YES\nA=1';
  expect(readEnvFile(text, {})).toEqual({
    variables: { A: '1' },
    refused: ['RUNNER_ENV', 'ENVIRONMENT', 'DRY_RUN', 'CONFIRM_LIVE'],
    isIgnored: false,
  });
});
