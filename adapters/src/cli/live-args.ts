// What `runner live` understands, on a file and on an exchange.
import type { UntrackedPolicy } from '@strategy-runner/core';
import type { Mode } from './compose.js';
import type { RunArgs } from './run-args.js';

export interface LiveArgs extends RunArgs {
  readonly exchange: string;
  readonly account?: string;
  readonly mode: Mode;
  readonly speed: string;
  readonly session?: string;
  readonly start: 'auto' | 'warm' | 'cold';
  readonly onUntracked: UntrackedPolicy;
  readonly force: boolean;
  readonly startPaused: boolean;
  readonly resetKill: boolean;
  readonly reason?: string;
  readonly shadow: boolean;
  readonly maxDrift?: number;
}
