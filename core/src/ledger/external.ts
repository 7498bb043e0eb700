// Names of what somebody else did on the account: its positions belong to a pseudo instance that no
// plugin stands behind, and its intents come from nobody here.
import type { Side } from '@strategy-runner/contracts';

export const EXTERNAL = 'external';

export function externalPositionId(symbol: string, side: Side): string {
  return `ext:${symbol}:${side}`;
}

/** Where the parts of lots of a spot symbol are kept that fees in its own coin leave behind. */
export function dustPositionId(symbol: string): string {
  return `dust:${symbol}`;
}

/** Dust belongs to nobody and is in nobody's way. */
export function isDust(positionId: string): boolean {
  return positionId.startsWith('dust:');
}

export function externalIntentId(venueOrderId: string): string {
  return `external:${venueOrderId}`;
}

export function isExternalIntent(intentId: string): boolean {
  return intentId.startsWith('external:');
}
