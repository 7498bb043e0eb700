// What production means, and what it forbids. A name for it in either variable is enough to forbid;
// to open the gates for real orders takes more, see gates.ts.
import { EXIT, RunnerError } from '../errors.js';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The second is an alias of the first; where they differ, the stricter wins (P9). */
export const ENVIRONMENT_NAMES = ['RUNNER_ENV', 'ENVIRONMENT'] as const;

const PRODUCTION = /^\s*prod(?:uction)?\s*$/i;

export function isProductionName(value: string): boolean {
  return PRODUCTION.test(value);
}

export function isProduction(env: Variables): boolean {
  return ENVIRONMENT_NAMES.some((name) => isProductionName(env[name] ?? ''));
}

/** For drills and simulators (P7). Errors: REFUSED_IN_PROD (77). */
export function refuseInProd(command: string, env: Variables): void {
  if (!isProduction(env)) return;
  const named = ENVIRONMENT_NAMES.find((name) => isProductionName(env[name] ?? ''));
  throw new RunnerError({
    code: 'REFUSED_IN_PROD',
    exitCode: EXIT.refused,
    message: `${command} does not run in production`,
    why: `${named} is ${env[named!]}, and what it makes up could be taken for real`,
    next: `run it where neither RUNNER_ENV nor ENVIRONMENT says prod, such as RUNNER_ENV=dev`,
  });
}

/** For tests (P4): only on request, and never in production. */
export function mayReachRealExchange(env: Variables): boolean {
  return env['RUN_REAL_EXCHANGE_TESTS'] === '1' && !isProduction(env);
}

/** A start in production with the tests' permission set (P9). Errors: REFUSED_IN_PROD (77). */
export function refuseTestPermissionInProd(env: Variables): void {
  if (env['RUN_REAL_EXCHANGE_TESTS'] !== '1' || !isProduction(env)) return;
  throw new RunnerError({
    code: 'REFUSED_IN_PROD',
    exitCode: EXIT.refused,
    message: 'RUN_REAL_EXCHANGE_TESTS=1 is set in production',
    why: 'It lets tests reach a real exchange, which production must never do',
    next: 'unset RUN_REAL_EXCHANGE_TESTS, then start again',
  });
}
