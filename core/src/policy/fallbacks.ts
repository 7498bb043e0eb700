// Where an intent permits a fallback: its own order, and each protection leg by itself (R20).
// Manifest and host are asked about all of them, so that no leg is a way around their refusal.
import type { FallbackPolicy, Intent, Protection } from '@strategy-runner/contracts';

/** JSON pointers of the fallbacks in use; an explicit `none` is not one. */
export function fallbackPaths(body: Intent): readonly string[] {
  const hasLegs = 'protection' in body && body.protection !== undefined;
  if (!hasLegs && (!('fallback' in body) || body.fallback?.mode !== 'limit_to_market')) return NONE;
  const own = 'fallback' in body ? [['', body.fallback] as const] : [];
  const legs = 'protection' in body && body.protection !== undefined ? ofLegs(body.protection) : [];
  return [...own, ...legs]
    .filter(([, policy]) => policy?.mode === 'limit_to_market')
    .map(([path]) => `${path}/fallback`);
}

const NONE: readonly string[] = [];

function ofLegs(
  protection: Protection,
): readonly (readonly [string, FallbackPolicy | undefined])[] {
  const { stop_loss, take_profit = [], trailing_stop, time_exit } = protection;
  return [
    ['/protection/stop_loss', stop_loss?.fallback],
    ...take_profit.map((leg, i) => [`/protection/take_profit/${i}`, leg.fallback] as const),
    ['/protection/trailing_stop', trailing_stop?.fallback],
    ['/protection/time_exit', time_exit?.fallback],
  ];
}
