// The black-out windows of a run, if its config names any: what the engine decides by, and what the
// run pins of them, so that a session is not gone on with under other windows.
import { readFileSync } from 'node:fs';
import type { BarColumns, BlackoutPlan } from '@strategy-runner/core';
import { EXIT, RunnerError } from '../errors.js';
import type { BlackoutSettings } from './blackout-plan.js';
import { BLACKOUT_FILE_SCHEMA } from './blackout-schema.js';
import { pick } from './pick.js';
import type { RunConfig } from './run-config.js';

export interface BlackoutPremises {
  readonly planned: { readonly blackout?: BlackoutPlan };
  /** What was written is a premise; in which file is not. */
  readonly pinned: { readonly blackout?: BlackoutSettings };
}

/** The bars at hand, which say from when to when the zone's clock is followed. */
export interface PlannedBars {
  readonly columns: Pick<BarColumns, 'length' | 'openMs'>;
  readonly timeframeMs: number;
}

/** Errors: FILE_NOT_FOUND (66), CONFIG_INVALID (78). */
export async function blackoutPremises(
  { blackout }: Pick<RunConfig, 'blackout'>,
  { columns, timeframeMs }: PlannedBars,
): Promise<BlackoutPremises> {
  if (blackout === undefined) return { planned: {}, pinned: {} };
  // Only who has windows waits for the library of time zones.
  const { blackoutPlan, invalid } = await import('./blackout-plan.js');
  const { file, zone, windows } = blackout;
  const source = file ?? 'blackout of the config';
  const isWritten = zone !== undefined && windows !== undefined;
  if ((file === undefined) !== isWritten || (file !== undefined && (zone ?? windows))) {
    throw invalid(source, '/blackout', 'needs either file, or zone and windows');
  }
  const settings =
    file === undefined ? { zone: zone!, windows: windows! } : await readWindows(file);
  const firstMs = columns.openMs[0] ?? 0;
  const lastMs = (columns.openMs[columns.length - 1] ?? 0) + timeframeMs;
  const plan = blackoutPlan(settings, { source, firstMs, lastMs });
  return { planned: pick('blackout', plan), pinned: { blackout: settings } };
}

async function readWindows(file: string): Promise<BlackoutSettings> {
  const { invalid } = await import('./blackout-plan.js');
  let content: unknown;
  try {
    content = JSON.parse(textOf(file));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw invalid(file, '', `is not JSON: ${error.message}`);
  }
  const { schemaProblem } = await import('./schema-problem.js');
  const problem = await schemaProblem(BLACKOUT_FILE_SCHEMA, content);
  if (problem !== undefined) throw invalid(file, problem.pointer, problem.what);
  const { zone, windows } = content as BlackoutSettings;
  return { zone, windows };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new RunnerError({
      code: 'FILE_NOT_FOUND',
      exitCode: EXIT.missingInput,
      message: `no file of black-out windows at ${file}`,
      next: 'check blackout.file of the config; it is looked for from the working folder',
    });
  }
}
