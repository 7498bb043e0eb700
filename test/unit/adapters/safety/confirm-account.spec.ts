import { expect, test } from 'vitest';
import {
  type Confirmation,
  confirmAccount,
} from '../../../../adapters/src/safety/confirm-account.js';

function aConfirmation(answer: string | undefined, change: Partial<Confirmation> = {}) {
  const asked: string[] = [];
  const terminal = {
    isInteractive: true,
    ask: async (question: string) => {
      asked.push(question);
      return answer;
    },
  };
  const decision = { gates: 'required', why: '' } as const;
  const base = { decision, exchange: 'binanceusdm', account: 'main', isForce: false, terminal };
  return { asked, confirmation: { ...base, ...change } };
}

const refusal = (words: object) => ({ code: 'LIVE_REFUSED', exitCode: 77, ...words });

test('asks for the account by name, and is content with nothing else', async () => {
  const right = aConfirmation(' main\n');
  await confirmAccount(right.confirmation);
  expect(right.asked).toEqual([expect.stringContaining('binanceusdm')]);
  for (const answer of ['', 'yes', 'Main', 'y', undefined]) {
    await expect(confirmAccount(aConfirmation(answer).confirmation)).rejects.toMatchObject(
      refusal({ message: 'real orders on binanceusdm main were not confirmed' }),
    );
  }
});

test('[P9] without a terminal it is refused, and --force is named', async () => {
  const terminal = { isInteractive: false, ask: async () => 'main' };
  const { confirmation } = aConfirmation('main', { terminal });
  await expect(confirmAccount(confirmation)).rejects.toMatchObject(
    refusal({ next: expect.stringContaining('--force') }),
  );
  await confirmAccount({ ...confirmation, isForce: true });
});

test('asks nothing where no gate applies, or with --force', async () => {
  const decision = { gates: 'not_required', why: '' } as const;
  const harmless = aConfirmation(undefined, { decision });
  const forced = aConfirmation(undefined, { isForce: true });
  await confirmAccount(harmless.confirmation);
  await confirmAccount(forced.confirmation);
  expect([...harmless.asked, ...forced.asked]).toEqual([]);
});
