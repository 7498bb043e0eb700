// Denies what the manifest does not declare (rule 2): effective permission = intent ∧ manifest ∧
// host.
import type { Intent, Side } from '@strategy-runner/contracts';
import type { InstanceConfig } from '../config.js';
import { type Denial, deny } from '../outcome.js';
import type { Instrument } from '../market/instrument.js';
import { fallbackPaths } from './fallbacks.js';

export function checkCapability(
  body: Intent,
  instance: InstanceConfig,
  instrument: Instrument,
): Denial | undefined {
  const { capabilities } = instance;
  if (!capabilities.kinds.includes(body.kind)) {
    return undeclared('/kind', `kind ${body.kind}`, capabilities.kinds);
  }
  if (!capabilities.markets.includes(instrument.market)) {
    return undeclared('/symbol', `market ${instrument.market}`, capabilities.markets);
  }
  const side: Side | undefined = body.kind === 'open' ? body.side : undefined;
  if (side !== undefined && !capabilities.sides.includes(side)) {
    return undeclared('/side', `side ${side}`, capabilities.sides);
  }
  if (body.kind === 'open' || body.kind === 'dca') {
    const policy = body.sizing_policy;
    const mode = typeof policy === 'string' ? policy : policy.mode;
    if (!capabilities.sizing_modes.includes(mode)) {
      return undeclared('/sizing_policy/mode', `sizing ${mode}`, capabilities.sizing_modes);
    }
  }
  return checkFallback(body, capabilities.fallback ?? 'none');
}

function checkFallback(body: Intent, declared: 'none' | 'limit_to_market'): Denial | undefined {
  if (declared === 'limit_to_market') return undefined;
  const [path] = fallbackPaths(body);
  if (path === undefined) return undefined;
  return undeclared(`${path}/mode`, 'fallback limit_to_market', [declared]);
}

function undeclared(path: string, what: string, declared: readonly string[]): Denial {
  const list = declared.length === 0 ? 'nothing' : declared.join(', ');
  return deny('CAPABILITY_UNDECLARED', path, `${what} is not declared; the manifest has ${list}`);
}
