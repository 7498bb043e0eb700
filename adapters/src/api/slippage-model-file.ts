// A slippage model as a file: JSON that carries the hash of its own content, so that a session
// which names the hash says exactly which model its costs came from.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SlippageModel } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import { canonical } from './canonical.js';

export function withHash(model: Omit<SlippageModel, 'hash'>): SlippageModel {
  return { ...model, hash: hashOf(model) };
}

export function slippageModelText(model: SlippageModel): string {
  return `${JSON.stringify(model, null, 2)}\n`;
}

/** Errors: FILE_NOT_FOUND (66), SLIPPAGE_MODEL_INVALID (65). */
export function loadSlippageModel(path: string): SlippageModel {
  const model = parsed(path, textOf(path));
  const { hash, ...content } = model;
  if (hash === hashOf(content)) return model;
  throw invalid(path, 'its hash is not that of its content', 'The file was changed after the fit');
}

/** A model whose coefficients mean other bars would price every fill wrongly. */
export function loadModelFor(path: string, timeframe: string): SlippageModel {
  const model = loadSlippageModel(path);
  if (model.timeframe === timeframe) return model;
  const why = 'Participation and volatility mean other bars';
  throw invalid(path, `it was fitted on ${model.timeframe} bars, the run has ${timeframe}`, why);
}

function hashOf(content: Omit<SlippageModel, 'hash'>): string {
  return createHash('sha256').update(canonical(content)).digest('hex');
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RunnerError({
      code: 'FILE_NOT_FOUND',
      exitCode: EXIT.missingInput,
      message: `no slippage model at ${path}`,
      next: 'runner slippage fit <session> --out <file> makes one',
      cause,
    });
  }
}

function parsed(path: string, text: string): SlippageModel {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(path, 'it is not JSON');
  }
  if (isModel(value)) return value;
  throw invalid(
    path,
    'it is not a runner.slippage-model/1 document with coefficients of 0 or more',
  );
}

function isModel(value: unknown): value is SlippageModel {
  const { schema, coefficients, constant_bps, timeframe, hash, symbols } = fieldsOf(value);
  const { hours_bps, ...others } = fieldsOf(coefficients);
  return (
    schema === 'runner.slippage-model/1' &&
    typeof timeframe === 'string' &&
    typeof hash === 'string' &&
    Array.isArray(symbols) &&
    Array.isArray(hours_bps) &&
    hours_bps.length === 4 &&
    hours_bps.every(isCost) &&
    isCost(constant_bps) &&
    COEFFICIENTS.every((name) => isCost(others[name]))
  );
}

const COEFFICIENTS = ['half_spread_bps', 'participation_bps', 'volatility', 'buy_bps', 'sell_bps'];

function fieldsOf(value: unknown): ModelFields {
  return typeof value === 'object' && value !== null ? (value as ModelFields) : {};
}

interface ModelFields {
  readonly schema?: unknown;
  readonly coefficients?: unknown;
  readonly constant_bps?: unknown;
  readonly timeframe?: unknown;
  readonly hash?: unknown;
  readonly symbols?: unknown;
  readonly hours_bps?: unknown;
  readonly [other: string]: unknown;
}

function isCost(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function invalid(path: string, what: string, why?: string): RunnerError {
  return new RunnerError({
    code: 'SLIPPAGE_MODEL_INVALID',
    exitCode: EXIT.badData,
    message: `${path} cannot be used: ${what}`,
    ...(why === undefined ? {} : { why }),
    next: 'runner slippage fit <session> --out <file> makes one',
  });
}
