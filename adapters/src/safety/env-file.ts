// Variables from a `.env` file: a convenience of development. In production it is not read (P3),
// and nowhere does it open a gate: what allows real orders is said by whoever starts the process.
import { parseEnv } from 'node:util';
import { type Variables, isProduction } from './production.js';

const NEVER_FROM_A_FILE = [
  'RUNNER_ENV',
  'ENVIRONMENT',
  'DRY_RUN',
  'CONFIRM_LIVE',
  'RUN_REAL_EXCHANGE_TESTS',
];

export interface EnvFileReading {
  /** What is to be added to the environment; what is set there already wins. */
  readonly variables: Readonly<Record<string, string>>;
  /** Names in the file that only the environment itself may set. */
  readonly refused: readonly string[];
  readonly isIgnored: boolean;
}

export function readEnvFile(text: string, env: Variables): EnvFileReading {
  if (isProduction(env)) return { variables: {}, refused: [], isIgnored: true };
  const given = Object.entries(parseEnv(text)).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const refused = NEVER_FROM_A_FILE.filter((name) => given.some(([key]) => key === name));
  const added = given.filter(([name]) => env[name] === undefined && !refused.includes(name));
  return { variables: Object.fromEntries(added), refused, isIgnored: false };
}
