// What Binance's refusals mean. `definite` is a whitelist: the request was checked and turned away
// before it could be executed. A code that is not in one of these sets proves nothing.
import type { RejectReason } from './exchange-client.js';
import type { RejectCodes } from './profile.js';

const codes = (...numbers: readonly number[]): ReadonlySet<string> => new Set(numbers.map(String));

const POST_ONLY = /immediately match and take/i;
const DUPLICATE = /duplicate order sent/i;
const PRICE = /PRICE_FILTER|PERCENT_PRICE/;
const LIQUIDITY = /fill(?:ed)? immediately|FOK/i;

const PRICE_CODES = codes(-2021, -4013, -4014, -4016, -4024, -4131, -4183);

export const BINANCE_CODES: RejectCodes = {
  codeOf(body) {
    const row: unknown = Array.isArray(body) && body.length === 1 ? body[0] : body;
    if (typeof row !== 'object' || row === null) return undefined;
    const { code, msg } = row as Readonly<Record<string, unknown>>;
    if (typeof code !== 'number' || code >= 0) return undefined;
    return { code: String(code), message: typeof msg === 'string' ? msg : '' };
  },
  definite: new Set([
    // A parameter is missing, malformed or not allowed.
    ...codes(-1013, -1102, -1106, -1111, -1115, -1116, -1117, -1121),
    // The matching engine's refusals; -2010 is told apart by its sentence (duplicates).
    ...codes(-2010, -2018, -2019, -2021, -2022, -2024, -2025, -2027),
    // Filters, modes and limits of the contract.
    ...codes(-4003, -4004, -4005, -4013, -4014, -4015, -4016, -4023, -4024, -4061, -4118, -4120),
    ...codes(-4131, -4140, -4141, -4164, -4183, -4192),
    // Conditions of the order itself: fill-or-kill, post-only, its own time window.
    ...codes(-5021, -5022, -5028),
  ]),
  notFound: codes(-2011, -2013),
  clock: codes(-1021),
  auth: codes(-1022, -2014, -2015),
  rateLimited: codes(-1003, -1015),
  transient: codes(-1000, -1001, -1006, -1007, -1008, -1016, -2020, -2023),
  isDuplicate: (code, message) => code === '-4116' || (code === '-2010' && DUPLICATE.test(message)),
  reasonOf: (code, message): RejectReason => {
    if (code === '-5022' || POST_ONLY.test(message)) return 'post_only';
    if (code === '-5021' || LIQUIDITY.test(message)) return 'liquidity';
    return PRICE_CODES.has(code) || PRICE.test(message) ? 'price' : 'other';
  },
};

/** For an exchange whose codes have not been proven: only ccxt's own classes speak then. */
export const UNPROVEN_CODES: RejectCodes = {
  codeOf: () => undefined,
  definite: new Set(),
  notFound: new Set(),
  clock: new Set(),
  auth: new Set(),
  rateLimited: new Set(),
  transient: new Set(),
  isDuplicate: () => false,
  reasonOf: () => 'other',
};
