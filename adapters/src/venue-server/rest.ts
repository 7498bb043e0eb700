// One REST request: limits, key and signature, handler, answer; faults before and after. A request
// that breaks off before its execution leaves no trace but its row in the log.
import type { ActiveFault, FaultBook } from './faults.js';
import type { Reply } from './deliver.js';
import { Params } from './params.js';
import type { RateLimit } from './rate-limit.js';
import type { Route, RouteContext } from './route.js';
import { ACCOUNT_ROUTES } from './routes-account.js';
import { MARKET_ROUTES } from './routes-market.js';
import { SPOT_MARKET_ROUTES } from './routes-spot-market.js';
import { SPOT_TRADE_ROUTES } from './routes-spot-trade.js';
import { TRADE_ROUTES } from './routes-trade.js';
import { type Credentials, checkKey, checkSignature } from './signature.js';
import { toJson } from './to-json.js';
import type { TruthLog } from './truth-log.js';
import { VenueReject } from './venue-reject.js';

const ROUTES: ReadonlyMap<string, Route> = new Map(
  Object.entries({
    ...TRADE_ROUTES,
    ...ACCOUNT_ROUTES,
    ...MARKET_ROUTES,
    ...SPOT_TRADE_ROUTES,
    ...SPOT_MARKET_ROUTES,
  }),
);

export interface RestParts {
  readonly context: RouteContext;
  readonly credentials: Credentials;
  readonly rateLimit: RateLimit;
  readonly spotRateLimit: RateLimit;
  readonly faults: FaultBook;
  readonly truth: TruthLog;
}

export interface RestRequest {
  /** `POST /fapi/v1/order` */
  readonly endpoint: string;
  /** Query and body as they came. */
  readonly text: string;
  readonly apiKey: string | undefined;
}

export interface Answer {
  readonly reply: Reply;
  readonly fault?: ActiveFault;
}

export function answerRest(parts: RestParts, request: RestRequest): Answer {
  const fault = parts.faults.take(request.endpoint);
  const reply = {
    ...replyOf(parts, request, fault),
    headers: rateLimitOf(parts, request).headers(),
  };
  const { code } = reply;
  parts.truth.append('request', parts.context.state.nowMs, {
    endpoint: request.endpoint,
    params: new Params(request.text).record(),
    http: reply.http,
    ...(code === undefined ? {} : { code }),
    ...(fault === undefined ? {} : { fault: fault.rule.kind }),
  });
  return fault === undefined ? { reply } : { reply, fault };
}

/** What was accepted does not show yet: lists are empty, an order does not exist. */
function hidden(outcome: Outcome): Outcome {
  if (outcome.http !== 200) return outcome;
  if (outcome.body.startsWith('[')) return { ...outcome, body: '[]' };
  return rejected(-2013, sentenceOf(-2013), 400);
}

interface Outcome {
  readonly http: number;
  readonly body: string;
  readonly code?: number;
}

function replyOf(parts: RestParts, request: RestRequest, fault?: ActiveFault): Outcome {
  const rule = fault?.rule;
  if (rule?.kind === 'drop_before' || rule?.kind === 'silent_before') return { http: 0, body: '' };
  if (rule?.kind === 'reject') {
    if (rule.executes === true) execute(parts, request);
    return rejected(rule.code ?? -1000, rule.msg ?? sentenceOf(rule.code), rule.http ?? 400);
  }
  if (rule?.kind === 'page_limit') {
    const limited = new URLSearchParams(request.text);
    limited.set('limit', String(rule.limit ?? 1));
    return execute(parts, request, new Params(limited.toString()));
  }
  if (rule?.kind === 'not_visible') return hidden(execute(parts, request));
  if (rule?.kind === 'freeze' && fault !== undefined) {
    const answer = execute(parts, request);
    fault.frozen ??= answer.body;
    return { ...answer, body: fault.frozen };
  }
  return execute(parts, request);
}

function execute(parts: RestParts, request: RestRequest, asked?: Params): Outcome {
  const { context, credentials } = parts;
  const route = ROUTES.get(request.endpoint);
  if (route === undefined) return rejected(-5000, `Path ${request.endpoint} is invalid`, 404);
  try {
    const params = asked ?? new Params(request.text);
    const { weight } = route;
    const needed = typeof weight === 'number' ? weight : weight(params);
    rateLimitOf(parts, request).take(needed, route.isOrder ?? false);
    if (route.auth !== 'none') checkKey(credentials, request.apiKey);
    if (route.auth === 'signed') checkSignature(credentials, request.text, context.serverMs());
    return { http: 200, body: toJson(route.handle(context, params)) };
  } catch (error) {
    if (!(error instanceof VenueReject)) throw error;
    return rejected(error.code, error.message, error.http);
  }
}

function rateLimitOf(parts: RestParts, { endpoint }: RestRequest): RateLimit {
  return endpoint.includes(' /api/') ? parts.spotRateLimit : parts.rateLimit;
}

function rejected(code: number, msg: string, http: number): Outcome {
  return { http, body: toJson({ code, msg }), code };
}

function sentenceOf(code = -1000): string {
  return new VenueReject(code).message;
}
