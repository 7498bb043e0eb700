import { describe, expect, test } from 'vitest';
import type { RunnerError } from '../../../../adapters/src/errors.js';
import { type GateRequest, checkGates } from '../../../../adapters/src/safety/gates.js';

const OPEN = { RUNNER_ENV: 'prod', DRY_RUN: '0', CONFIRM_LIVE: 'YES' };
const REAL = { name: 'binanceusdm main', isLocalExchange: false, isTestNetwork: false };
const LOCAL = { name: 'local', isLocalExchange: true, isTestNetwork: false };
const TEST_NETWORK = { name: 'testnet', isLocalExchange: false, isTestNetwork: true };

type Env = GateRequest['env'];

/** What is missing; empty where the orders may leave. */
function missing(env: Env, venues: GateRequest['venues'] = [REAL]): readonly unknown[] {
  try {
    checkGates({ sendsOrders: true, env, venues });
    return [];
  } catch (error) {
    expect(error).toMatchObject({ code: 'LIVE_REFUSED', exitCode: 77 });
    return (error as RunnerError).context['missing'] as readonly unknown[];
  }
}

describe('real orders', () => {
  test('[P1] need all three, and every one that is missing is named', () => {
    const ALL = Object.entries(OPEN).map(([name, value]) => `${name}=${value}`);
    for (let set = 0; set < 8; set++) {
      const isSet = (_: unknown, place: number): boolean => (set & (1 << place)) !== 0;
      const env = Object.fromEntries(Object.entries(OPEN).filter(isSet));
      expect(missing(env)).toEqual(ALL.filter((_, place) => !isSet(_, place)));
    }
  });

  test('[P1] are refused in one line that says what each gate has and needs', () => {
    const refusal = () =>
      checkGates({
        sendsOrders: true,
        env: { ENVIRONMENT: 'dev', CONFIRM_LIVE: 'yes' },
        venues: [],
      });
    expect(refusal).toThrow(
      expect.objectContaining({
        message:
          'no order was sent: --mode live needs ENVIRONMENT=prod, DRY_RUN=0, CONFIRM_LIVE=YES',
        why: 'ENVIRONMENT is "dev", DRY_RUN is unset, which means 1, CONFIRM_LIVE is "yes"',
        next: expect.stringMatching(/^set ENVIRONMENT=prod DRY_RUN=0 CONFIRM_LIVE=YES .* paper$/),
      }),
    );
  });

  test.each(['', '1', 'false', 'no', '00', ' 0'])('[P9] wait for DRY_RUN=0, not %j', (DRY_RUN) => {
    expect(missing({ ...OPEN, DRY_RUN })).toEqual(['DRY_RUN=0']);
  });

  test.each(['', 'yes', 'Yes', '1', 'true', 'YES '])(
    '[P1] wait for CONFIRM_LIVE=YES, not %j',
    (CONFIRM_LIVE) => {
      expect(missing({ ...OPEN, CONFIRM_LIVE })).toEqual(['CONFIRM_LIVE=YES']);
    },
  );

  test.each<readonly [string, Env, readonly string[]]>([
    ['RUNNER_ENV alone', { RUNNER_ENV: 'prod' }, []],
    ['ENVIRONMENT alone', { ENVIRONMENT: 'prod' }, []],
    ['both', { RUNNER_ENV: 'prod', ENVIRONMENT: 'production' }, []],
    ['neither', {}, ['RUNNER_ENV=prod']],
    ['one that disagrees', { RUNNER_ENV: 'prod', ENVIRONMENT: 'staging' }, ['ENVIRONMENT=prod']],
    ['the other', { RUNNER_ENV: 'dev', ENVIRONMENT: 'prod' }, ['RUNNER_ENV=prod']],
    ['another spelling', { RUNNER_ENV: 'production' }, ['RUNNER_ENV=prod']],
    ['an empty one beside it', { RUNNER_ENV: '', ENVIRONMENT: 'prod' }, []],
  ])('[P9] with %s set', (_, env, expected) => {
    const { RUNNER_ENV: _prod, ...others } = OPEN;
    expect(missing({ ...others, ...env })).toEqual(expected);
  });

  test('go out once all gates are open, and the decision says to whom', () => {
    expect(checkGates({ sendsOrders: true, env: OPEN, venues: [LOCAL, REAL] })).toEqual({
      gates: 'required',
      why: 'binanceusdm main takes real orders: RUNNER_ENV, DRY_RUN and CONFIRM_LIVE are set',
    });
  });
});

describe('without real orders', () => {
  test('[P8] no gate applies where every venue is harmless', () => {
    const request = { sendsOrders: true, env: {}, venues: [LOCAL, TEST_NETWORK] };
    expect(checkGates(request)).toEqual({
      gates: 'not_required',
      why: 'local has proven to be the local exchange; testnet is a test network by the config',
    });
  });

  test('[P8] all gates apply as soon as one venue is not, or none is known', () => {
    expect(missing({}, [LOCAL, REAL])).toHaveLength(3);
    expect(missing({}, [])).toHaveLength(3);
  });

  test('[P9] DRY_RUN=1 that somebody has set is refused even there', () => {
    expect(missing({ DRY_RUN: '1' }, [LOCAL])).toEqual(['DRY_RUN=0']);
    expect(missing({ DRY_RUN: '0' }, [LOCAL])).toEqual([]);
  });

  test('nothing is asked of a run whose fills are simulated', () => {
    expect(checkGates({ sendsOrders: false, env: {}, venues: [REAL] }).gates).toBe('not_required');
  });

  test("[P9] a start in production with the tests' permission is refused in every mode", () => {
    const env = { ...OPEN, RUN_REAL_EXCHANGE_TESTS: '1' };
    for (const sendsOrders of [true, false]) {
      expect(() => checkGates({ sendsOrders, env, venues: [REAL] })).toThrow(
        expect.objectContaining({ code: 'REFUSED_IN_PROD' }),
      );
    }
  });
});
