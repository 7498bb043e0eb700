import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SharedBudget } from '../../../../../adapters/src/account-store/request-budget.js';
import type { CallFailure } from '../../../../../adapters/src/venue/ccxt/exchange-client.js';
import { UnsharedBudget } from '../../../../../adapters/src/venue/ccxt/request-budget.js';
import { Restraint } from '../../../../../adapters/src/venue/ccxt/restraint.js';

const failure = (verdict: CallFailure['verdict'], untilMs: number | null): CallFailure => ({
  verdict,
  httpStatus: 429,
  venueCode: null,
  reason: 'other',
  isDuplicate: false,
  detail: '',
  untilMs,
});

function aRestraint() {
  const wall = { ms: 1000 };
  const budget = new UnsharedBudget();
  return { wall, budget, restraint: new Restraint(budget, () => wall.ms) };
}

describe('after a refusal for too many requests', () => {
  test('only what is urgent is sent until its time', () => {
    const { restraint, wall } = aRestraint();
    restraint.note(failure('rate_limited', 5000));
    expect(restraint.heldBack('normal')).toMatchObject({
      verdict: 'rate_limited',
      untilMs: 5000,
      neverLeft: true,
    });
    expect(restraint.heldBack('urgent')).toBeUndefined();
    wall.ms = 5000;
    expect(restraint.heldBack('normal')).toBeUndefined();
  });

  test('nothing at all is sent in a ban', () => {
    const { restraint, wall } = aRestraint();
    restraint.note(failure('banned', 9000));
    expect(restraint.heldBack('urgent')).toMatchObject({ verdict: 'banned', untilMs: 9000 });
    wall.ms = 9000;
    expect(restraint.heldBack('urgent')).toBeUndefined();
  });

  test('what another process of the address was told holds back this one too', () => {
    const { restraint, budget } = aRestraint();
    budget.refuseUntil(7000);
    expect(restraint.heldBack('normal')).toMatchObject({ untilMs: 7000 });
  });

  test('a ban of another process of the address, or of an earlier one, holds all here', () => {
    const { restraint, budget } = aRestraint();
    budget.refuseUntil(7000, true);
    expect(restraint.heldBack('urgent')).toMatchObject({ verdict: 'banned', untilMs: 7000 });
  });

  test('a ban is told to the others as one', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'runner-ban-'));
    const open = (): Promise<SharedBudget> =>
      SharedBudget.open({
        stateDir,
        host: 'fapi.example',
        clock: { now: () => 1000 },
        limit: 2400,
        windowMs: 60_000,
        onFault: (error) => {
          throw error;
        },
      });
    const [one, other] = [await open(), await open()];
    onTestFinished(async () => {
      await other.close();
      rmSync(stateDir, { recursive: true });
    });
    new Restraint(one, () => 1000).note(failure('banned', 9000));
    await one.close();
    const restraint = new Restraint(other, () => 1000);
    expect(restraint.heldBack('urgent')).toMatchObject({ verdict: 'banned', untilMs: 9000 });
  });
});
