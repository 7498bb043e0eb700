// `runner kill`, `stop`, `pause` and `resume`: what an operator tells an account. Durable before
// the command ends, without network or lock; a process that runs the account takes it in a second.
import { hostname, userInfo } from 'node:os';
import type { AccountHolder } from '../../account-store/account-lock.js';
import { AccountStore } from '../../account-store/account-store.js';
import { accountFlags } from '../../account-store/account-error.js';
import { type AccountId, accountName } from '../../account-store/account-folder.js';
import type { AccountFlags, Flag } from '../../account-store/flag-file.js';
import { SystemClock } from '../../clock/system-clock.js';
import { EXIT, RunnerError } from '../../errors.js';
import type { KillBundled } from '../kill-without-run.js';
import { sessionsDirOf } from '../run-args.js';
import { stateDirOf } from '../state-dir.js';

export interface ControlArgs {
  readonly exchange: string;
  readonly account?: string;
  readonly reason: string;
  readonly json: boolean;
  /** Of kill. */
  readonly reset?: boolean;
  /** Of kill: whether to leave a bundle, and where sessions are. */
  readonly bundle?: boolean;
  readonly sessions?: string;
  /** Of resume. */
  readonly ack?: string;
}

export type ControlCommand = 'kill' | 'stop' | 'pause' | 'resume';

export async function runControlCommand(
  command: ControlCommand,
  args: ControlArgs,
): Promise<number> {
  const operator = operatorOf(args);
  const shown = await tellAccount(command, { id: idOf(args), operator, args });
  if (!args.json) process.stdout.write(text(shown));
  const bundled = await bundleOf(shown, args);
  if (args.json) {
    const bundle = bundled === null ? {} : { bundle: bundled.path, bundle_said: bundled.said };
    const document = { ...controlDocument(shown, operator), ...bundle };
    process.stdout.write(`${JSON.stringify(document)}\n`);
  } else if (bundled !== null) process.stdout.write(`bundle       ${bundled.said}\n`);
  return EXIT.ok;
}

// The kill is durable and told by now; nothing that goes wrong here takes that back.
async function bundleOf(
  { store, done, holder }: Shown,
  { bundle, sessions }: ControlArgs,
): Promise<KillBundled | null> {
  if (bundle !== true || done.action !== 'raised') return null;
  const { bundleAtKill } = await import('../kill-without-run.js');
  const sessionsDir = sessionsDirOf(sessions);
  const isHeld = holder !== null;
  return bundleAtKill({ store, sessionsDir, clock: new SystemClock(), isHeld });
}

export interface Operator {
  readonly by: string;
  readonly reason: string;
}

export function operatorOf({ reason }: Pick<ControlArgs, 'reason'>): Operator {
  return { by: `${userName()}@${hostname()}`, reason: filled('--reason', reason) };
}

export interface Telling {
  readonly id: AccountId;
  readonly operator: Operator;
  readonly args: Pick<ControlArgs, 'reset' | 'ack'>;
}

/** Durable when it returns. Errors: ACCOUNT_STORE_UNWRITABLE (77), ACCOUNT_BUSY (75). */
export async function tellAccount(
  command: ControlCommand,
  { id, operator, args }: Telling,
): Promise<Shown> {
  const store = new AccountStore({ stateDir: stateDirOf(), id, clock: new SystemClock() });
  const isKnown = await store.isKnown();
  const done = await carryOut(command, { store, operator, args });
  const flags = await store.readFlags();
  // What was told stands, whatever can be found out about who hears it.
  const holder = await store.holder().catch(() => 'unknown' as const);
  return { store, command, done, isKnown, flags, holder };
}

interface Order extends Omit<Telling, 'id'> {
  readonly store: AccountStore;
}

type Action = 'raised' | 'lowered' | 'acknowledged' | 'reset';

interface Done {
  readonly action: Action;
  /** Damaged files that were set aside. */
  readonly aside: readonly string[];
}

async function carryOut(command: ControlCommand, order: Order): Promise<Done> {
  const { store, operator, args } = order;
  if (command === 'resume') {
    const { ack } = args;
    if (ack === undefined) await store.resume(operator);
    else await store.acknowledge(operator, filled('--ack', ack));
    return { action: ack === undefined ? 'lowered' : 'acknowledged', aside: [] };
  }
  if (command === 'kill' && args.reset === true) {
    return { action: 'reset', aside: await store.resetKill(operator) };
  }
  await store.setFlag(command, operator);
  return { action: 'raised', aside: [] };
}

/** What was done, and how the account stands after it. */
export interface Shown {
  readonly store: AccountStore;
  readonly command: ControlCommand;
  readonly done: Done;
  readonly isKnown: boolean;
  readonly flags: AccountFlags;
  readonly holder: AccountHolder | 'unnamed' | 'unknown' | null;
}

export function controlDocument(shown: Shown, { by, reason }: Operator): object {
  const { store, command, done, isKnown, flags, holder } = shown;
  return {
    schema: 'runner.control/1',
    command,
    action: done.action,
    ...store.id,
    by,
    reason,
    flags: { kill: flags.kill, stop: flags.stop, pause: flags.pause },
    damage: flags.damage === null ? null : flags.damage.message,
    set_aside: done.aside,
    was_ever_used: isKnown,
    holder: typeof holder === 'string' ? { is: holder } : holder,
    next: nextOf(shown),
  };
}

function text(shown: Shown): string {
  const { store, done, isKnown, flags, holder } = shown;
  const up = (['kill', 'stop', 'pause'] as const).flatMap((name) => lineOf(name, flags[name]));
  const lines = [
    `${accountName(store.id)}: ${headline(shown)}`,
    ...(isKnown ? [] : ['never used   no run has ever held this account: is the name right?']),
    ...(flags.damage === null ? [] : [`damaged      ${flags.damage.message}`]),
    ...done.aside.map((path) => `set aside    ${path}`),
    ...(up.length === 0 ? ['flags        none is up'] : up),
    `held by      ${holderText(holder)}`,
    `next         ${nextOf(shown)}`,
  ];
  return `${lines.join('\n')}\n`;
}

export function headline({ command, done }: Shown): string {
  switch (done.action) {
    case 'raised':
      return `${command} is set`;
    case 'lowered':
      return 'pause and stop are taken back';
    case 'acknowledged':
      return 'the hold is acknowledged';
    case 'reset':
      return 'kill is taken back';
  }
}

function lineOf(name: string, flag: Flag | null): readonly string[] {
  if (flag === null) return [];
  return [`${name.padEnd(12)} since ${flag.at} by ${flag.by}: ${flag.reason}`];
}

export function holderText(holder: Shown['holder']): string {
  if (holder === null) return 'nobody';
  if (holder === 'unnamed') return 'a process that has not said who it is';
  if (holder === 'unknown') return 'unknown: its lock could not be read';
  const { pid, host, session, since } = holder;
  return `process ${pid} on ${host}, session ${session}, since ${since}`;
}

function nextOf({ store, command, done, holder }: Shown): string {
  const named = accountFlags(store.id);
  const whoTakes =
    holder === null ? 'the next run takes it at its start' : 'it is taken within 1 s';
  if (done.action === 'reset') return 'entries are allowed from the next runner live on';
  if (command === 'resume') return whoTakes;
  if (command === 'pause') {
    return `${whoTakes}: entries wait, exits go on; runner resume ${named} --reason <text>`;
  }
  if (command === 'stop') {
    return `${whoTakes}: no new entries, exits go on; runner resume ${named} --reason <text>`;
  }
  return (
    `${whoTakes}: entries are cancelled and refused, positions and their stops stay; ` +
    `once nothing runs, runner kill --reset ${named} --reason <text>`
  );
}

function idOf({ exchange, account }: ControlArgs) {
  const name = filled('--exchange', exchange);
  return { exchange: name, account: filled('--account', account ?? defaultAccount(name)) };
}

/** Paper needs no account at an exchange; its sessions share one. */
function defaultAccount(exchange: string): string {
  return exchange.toLowerCase() === 'sim' ? 'paper' : 'main';
}

function filled(option: string, value: string): string {
  // One line, as it is printed.
  const trimmed = value.trim().replaceAll(/\s+/g, ' ');
  if (trimmed !== '') return trimmed;
  throw new RunnerError({
    code: 'USAGE',
    exitCode: EXIT.usage,
    message: `${option} is empty`,
    next: `give it a value, such as ${option} "${option === '--reason' ? 'bad news' : 'main'}"`,
  });
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry of its own, as in some containers.
    return 'operator';
  }
}
