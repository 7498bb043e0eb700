// The last word before real orders: whoever starts them by hand types the account's name. `--force`
// replaces the typing and nothing else (P9).
import { EXIT, RunnerError } from '../errors.js';
import type { GateDecision } from './gates.js';

export interface Terminal {
  readonly isInteractive: boolean;
  /** Undefined where the input has ended. */
  ask(question: string): Promise<string | undefined>;
}

export interface Confirmation {
  readonly decision: GateDecision;
  readonly exchange: string;
  readonly account: string;
  readonly isForce: boolean;
  readonly terminal: Terminal;
}

/** Errors: LIVE_REFUSED (77). */
export async function confirmAccount(confirmation: Confirmation): Promise<void> {
  const { decision, exchange, account, isForce, terminal } = confirmation;
  if (decision.gates === 'not_required' || isForce) return;
  if (!terminal.isInteractive) {
    throw refused(
      `real orders on ${exchange} ${account} were not confirmed`,
      'There is no terminal to ask on',
      'add --force, which skips this question and no gate',
    );
  }
  const answer = await terminal.ask(
    `Real orders will be sent to ${exchange}. Type the account's name (${account}) to go on: `,
  );
  if (answer?.trim() === account) return;
  throw refused(
    `real orders on ${exchange} ${account} were not confirmed`,
    answer === undefined ? 'Nothing was typed' : `What was typed is not ${account}`,
    'start again and type the name, or say --mode paper',
  );
}

function refused(message: string, why: string, next: string): RunnerError {
  return new RunnerError({ code: 'LIVE_REFUSED', exitCode: EXIT.refused, message, why, next });
}
