// Whether real orders may leave at all: all gates open, each closed one named, and never another
// mode in place of the one that was asked for (P1, P8, P9).
import { EXIT, RunnerError } from '../errors.js';
import {
  ENVIRONMENT_NAMES,
  type Variables,
  isProductionName,
  refuseTestPermissionInProd,
} from './production.js';

export interface VenueNature {
  /** Exchange and account, for the reason that is given. */
  readonly name: string;
  /** It has answered the identity challenge; that it listens on loopback proves nothing. */
  readonly isLocalExchange: boolean;
  /** The config names it a test network. */
  readonly isTestNetwork: boolean;
}

export interface GateRequest {
  /** Orders leave this process; false where fills are simulated. */
  readonly sendsOrders: boolean;
  readonly env: Variables;
  /** Every venue in use. */
  readonly venues: readonly VenueNature[];
}

/** Printed at the start and kept with the session. */
export interface GateDecision {
  readonly gates: 'required' | 'not_required';
  readonly why: string;
}

/** Errors: LIVE_REFUSED (77), REFUSED_IN_PROD (77). */
export function checkGates({ sendsOrders, env, venues }: GateRequest): GateDecision {
  refuseTestPermissionInProd(env);
  if (!sendsOrders) return { gates: 'not_required', why: 'fills are simulated, nothing is sent' };
  const real = venues.filter((venue) => !venue.isLocalExchange && !venue.isTestNetwork);
  if (venues.length > 0 && real.length === 0) {
    refuseDryRunThatWasAsked(env);
    return { gates: 'not_required', why: venues.map(harmlessness).join('; ') };
  }
  const closed = closedGates(env);
  if (closed.length > 0) throw refused(closed);
  const names = real.map(({ name }) => name).join(', ');
  return {
    gates: 'required',
    why: `${names || 'the venue'} takes real orders: RUNNER_ENV, DRY_RUN and CONFIRM_LIVE are set`,
  };
}

interface ClosedGate {
  /** What it takes, `DRY_RUN=0`. */
  readonly needs: string;
  readonly has: string;
}

function closedGates(env: Variables): readonly ClosedGate[] {
  const closed: ClosedGate[] = [];
  const notProduction = environmentGate(env);
  if (notProduction !== undefined) closed.push(notProduction);
  if (env['DRY_RUN'] !== '0') {
    closed.push({ needs: 'DRY_RUN=0', has: has(env, 'DRY_RUN', 'unset, which means 1') });
  }
  if (env['CONFIRM_LIVE'] !== 'YES') {
    closed.push({ needs: 'CONFIRM_LIVE=YES', has: has(env, 'CONFIRM_LIVE') });
  }
  return closed;
}

// One of the two says exactly prod, and neither says anything else.
function environmentGate(env: Variables): ClosedGate | undefined {
  const given = ENVIRONMENT_NAMES.filter((name) => (env[name] ?? '') !== '');
  const other = given.find((name) => !isProductionName(env[name]!));
  if (other !== undefined) return { needs: `${other}=prod`, has: has(env, other) };
  if (given.some((name) => env[name] === 'prod')) return undefined;
  return { needs: 'RUNNER_ENV=prod', has: has(env, 'RUNNER_ENV') };
}

function has(env: Variables, name: string, unset = 'unset'): string {
  const value = env[name] ?? '';
  return value === '' ? unset : JSON.stringify(value);
}

function harmlessness({ name, isLocalExchange }: VenueNature): string {
  return isLocalExchange
    ? `${name} has proven to be the local exchange`
    : `${name} is a test network by the config`;
}

// Unset it means 1 for real venues only; set, it is the operator's word and holds everywhere.
function refuseDryRunThatWasAsked(env: Variables): void {
  const value = env['DRY_RUN'] ?? '';
  if (value === '' || value === '0') return;
  throw refused([{ needs: 'DRY_RUN=0', has: has(env, 'DRY_RUN') }]);
}

function refused(closed: readonly ClosedGate[]): RunnerError {
  const missing = closed.map(({ needs }) => needs);
  return new RunnerError({
    code: 'LIVE_REFUSED',
    exitCode: EXIT.refused,
    message: `no order was sent: --mode live needs ${missing.join(', ')}`,
    why: closed.map(({ needs, has }) => `${needs.split('=', 1)[0]} is ${has}`).join(', '),
    next: `set ${missing.join(' ')} in the environment, or say --mode paper`,
    context: { missing },
  });
}
