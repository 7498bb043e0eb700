// `runner kill --config <file> --all`: the kill of each account of the file, a line each. One that
// cannot be killed is said and stops none of the others.
import { type AccountId, accountName } from '../../account-store/account-folder.js';
import { EXIT, REPORT_IT, RunnerError } from '../../errors.js';
import { accountsNamed } from '../fleet/accounts-named.js';
import { worstOf } from '../fleet/restart-rule.js';
import {
  type Shown,
  controlDocument,
  headline,
  holderText,
  operatorOf,
  tellAccount,
} from './control.js';

export interface KillAllArgs {
  readonly config: string;
  readonly reason: string;
  readonly json: boolean;
}

type Result =
  | { readonly kind: 'done'; readonly shown: Shown }
  | { readonly kind: 'failed'; readonly name: string; readonly error: RunnerError };

export async function runKillAllCommand(args: KillAllArgs): Promise<number> {
  const operator = operatorOf(args);
  const { accounts, unreadable } = accountsNamed(args.config);
  if (accounts.length + unreadable.length === 0) throw noAccounts(args.config);
  const told = await Promise.all(
    accounts.map((id): Promise<Result> =>
      tellAccount('kill', { id, operator, args: {} }).then(
        (shown) => ({ kind: 'done', shown }) as const,
        (error: unknown) => failed(id, error),
      ),
    ),
  );
  const unnamed = unreadable.map((place) => notNamed(args.config, place));
  const results: readonly Result[] = [...told, ...unnamed];
  const documents = results.map((result) =>
    result.kind === 'done' ? controlDocument(result.shown, operator) : failureDocument(result),
  );
  const json = { schema: 'runner.control_all/1', command: 'kill', results: documents };
  process.stdout.write(args.json ? `${JSON.stringify(json)}\n` : results.map(lineOf).join(''));
  return worstOf(results.map((one) => (one.kind === 'done' ? EXIT.ok : one.error.exitCode)));
}

function failed(id: AccountId, error: unknown): Result {
  const known =
    error instanceof RunnerError
      ? error
      : new RunnerError({
          code: 'INTERNAL',
          exitCode: EXIT.unexpected,
          message: String(error),
          next: REPORT_IT,
        });
  return { kind: 'failed', name: accountName(id), error: known };
}

function notNamed(path: string, place: string): Result {
  const error = new RunnerError({
    code: 'CONFIG_INVALID',
    exitCode: EXIT.configuration,
    message: `${path}: ${place} names no exchange`,
    next: 'runner kill --exchange <id> --account <name> --reason <why> kills it',
  });
  return { kind: 'failed', name: place, error };
}

function failureDocument({ name, error }: Result & { readonly kind: 'failed' }): object {
  const { code, message, why, next } = error;
  return { name, error: { code, message, why: why ?? null, next } };
}

function lineOf(result: Result): string {
  if (result.kind === 'failed') {
    const { name, error } = result;
    return `${name}: NOT killed: ${error.code}: ${error.message}; next: ${error.next}\n`;
  }
  const { shown } = result;
  const known = shown.isKnown ? '' : ', never used: is the name right?';
  const holder = holderText(shown.holder);
  return `${accountName(shown.store.id)}: ${headline(shown)}, held by ${holder}${known}\n`;
}

function noAccounts(path: string): RunnerError {
  return new RunnerError({
    code: 'ACCOUNT_UNKNOWN',
    exitCode: EXIT.configuration,
    message: `${path} names no account; none was killed`,
    next: 'runner kill --exchange <id> --account <name> --reason <why> kills one',
  });
}
