// Every account that a config file speaks of, for a kill of all of them. It takes the file as it
// is: a misspelt setting elsewhere in it must not stand in the way of a kill.
import { readFileSync } from 'node:fs';
import type { AccountId } from '../../account-store/account-folder.js';
import { EXIT, RunnerError } from '../../errors.js';
import { isMode, sendsOrders } from '../compose.js';
import { PAPER_ACCOUNT } from './run-plan.js';

export interface NamedAccounts {
  readonly accounts: readonly AccountId[];
  /** Entries that name no exchange, by where they stand. */
  readonly unreadable: readonly string[];
}

type Entries = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Errors: FILE_NOT_FOUND (66), CONFIG_INVALID (78). */
export function accountsNamed(path: string): NamedAccounts {
  const { accounts, runs } = contentOf(path);
  const known = Object.entries(entriesIn(accounts)).map(([name, entry]) => ({
    place: `/accounts/${name}`,
    account: name,
    exchange: wordIn(entry?.['exchange']),
  }));
  const used = Object.entries(entriesIn(runs)).flatMap(([name, entry]) => ({
    place: `/runs/${name}`,
    ...accountOfRun(entry, known),
  }));
  const all = [...known, ...used];
  const named = all.flatMap(({ exchange, account }) =>
    exchange === undefined ? [] : [{ exchange: exchange.toLowerCase(), account }],
  );
  const once = new Map(named.map((id) => [`${id.exchange} ${id.account}`, id]));
  const unreadable = all.flatMap(({ place, exchange }) => (exchange === undefined ? [place] : []));
  return { accounts: [...once.values()], unreadable };
}

// As a run chooses it: simulated fills share an account of their own.
function accountOfRun(
  entry: Entries[string] | undefined,
  known: readonly { readonly account: string; readonly exchange: string | undefined }[],
) {
  const exchange = wordIn(entry?.['exchange'] ?? 'sim');
  const mode = entry?.['mode'];
  if (!isMode(mode) || !sendsOrders(mode)) return { exchange, account: PAPER_ACCOUNT };
  const fitting = known.filter((one) => one.exchange === exchange);
  const only = fitting.length === 1 ? fitting[0]?.account : undefined;
  return { exchange, account: wordIn(entry?.['account']) ?? only ?? 'main' };
}

function contentOf(path: string): { readonly accounts?: unknown; readonly runs?: unknown } {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    if (typeof value === 'object' && value !== null) return value;
    throw new SyntaxError('it holds no object');
  } catch (error) {
    const isText = error instanceof SyntaxError;
    throw new RunnerError({
      code: isText ? 'CONFIG_INVALID' : 'FILE_NOT_FOUND',
      exitCode: isText ? EXIT.configuration : EXIT.missingInput,
      message: isText ? `${path} is not JSON: ${error.message}` : `no config file at ${path}`,
      why: 'No account was killed',
      next: 'runner kill --exchange <id> --account <name> --reason <why> kills one without a file',
    });
  }
}

function entriesIn(value: unknown): Entries {
  return typeof value === 'object' && value !== null ? (value as Entries) : {};
}

function wordIn(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
