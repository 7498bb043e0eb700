// Which processes a supervisor is to start, checked as a whole before the first of them: two runs
// never trade one account, by name or by key.
import { accountOf } from '../../api/account.js';
import type { RunConfig } from '../../api/run-config.js';
import { EXIT, RunnerError } from '../../errors.js';
import { readCredentials } from '../../venue/ccxt/credentials.js';
import { sendsOrders } from '../compose.js';
import { LIVE_DEFAULTS } from '../live-args.js';
import type { NamedRun } from './run-entry.js';

export interface PlannedRun {
  readonly name: string;
  readonly strategy: string;
  readonly exchange: string;
  /** Whose flags it obeys and under which its session is kept; simulated fills share `paper`. */
  readonly account: string;
  readonly symbol: string | null;
  readonly sendsOrders: boolean;
}

export interface Premises {
  readonly accounts: RunConfig['accounts'];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Errors: RUNS_COLLIDE (78), ACCOUNT_UNKNOWN (78). */
export function planRuns(runs: readonly NamedRun[], premises: Premises): readonly PlannedRun[] {
  const planned = runs.map((run) => plannedRun(run, premises.accounts));
  refuseSame(planned, ({ sendsOrders: sends, exchange, account }) =>
    sends ? { key: `${exchange} ${account}`, what: `account ${account} of ${exchange}` } : null,
  );
  refuseSame(planned, (run) => {
    const apiKey = apiKeyOf(run, premises.env);
    // Said without it: a key is never printed.
    return apiKey === null
      ? null
      : { key: `${run.exchange} ${apiKey}`, what: `one API key of ${run.exchange}` };
  });
  return planned;
}

/** Simulated fills need no account at an exchange: those of one exchange share a name. */
export const PAPER_ACCOUNT = 'paper';

/** One of them by itself. Errors: ACCOUNT_UNKNOWN (78). */
export function plannedRun({ name, entry }: NamedRun, accounts: RunConfig['accounts']): PlannedRun {
  const { strategy, exchange = LIVE_DEFAULTS.exchange, mode = LIVE_DEFAULTS.mode } = entry;
  const sends = sendsOrders(mode);
  const chosen = (): string => accountOf({ accounts }, { exchange, account: entry.account }).name;
  const symbol = entry.symbol ?? null;
  const account = sends ? chosen() : PAPER_ACCOUNT;
  return { name, strategy, exchange, account, symbol, sendsOrders: sends };
}

/** Null where none is needed, or none is found: its own process says so. */
function apiKeyOf({ sendsOrders: sends, account }: PlannedRun, env: Premises['env']) {
  if (!sends) return null;
  try {
    return readCredentials(account, env).apiKey;
  } catch {
    return null;
  }
}

interface Claim {
  readonly key: string;
  /** In words. */
  readonly what: string;
}

function refuseSame(runs: readonly PlannedRun[], claimOf: (run: PlannedRun) => Claim | null): void {
  const holders = new Map<string, string>();
  for (const run of runs) {
    const claim = claimOf(run);
    if (claim === null) continue;
    const other = holders.get(claim.key);
    if (other === undefined) {
      holders.set(claim.key, run.name);
      continue;
    }
    throw new RunnerError({
      code: 'RUNS_COLLIDE',
      exitCode: EXIT.configuration,
      message: `runs ${other} and ${run.name} would use ${claim.what}`,
      why: 'Nothing was started',
      next: `give each its own account, or start one of them: runner live --run ${other}`,
    });
  }
}
