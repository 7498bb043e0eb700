// Tells people of a connection that does not hold: lost so many times within a while, or out of
// reach for so long. Losses are told once per episode: a new one begins after a whole such while
// without one. An outage is told once, whatever was told of losses before it.
import type { ConnectionState } from '@strategy-runner/core';
import type { ReconnectLimits } from './account-config.js';

export const RECONNECT_LIMITS: ReconnectLimits = {
  count: 5,
  within_ms: 600_000,
  outage_ms: 300_000,
};

export interface ReconnectWatchParts {
  readonly limits: ReconnectLimits;
  readonly wallMs: () => number;
  readonly alert: (code: 'CONNECTION_UNSTABLE' | 'CONNECTION_DOWN', text: string) => void;
}

const NEXT = 'Next: runner status; look at the network and at what the exchange says of itself';

export class ReconnectWatch {
  readonly #parts: ReconnectWatchParts;
  #readySinceMs: number | null = null;
  #lossesMs: readonly number[] = [];
  #areLossesTold = false;
  #outage: NodeJS.Timeout | undefined;

  constructor(parts: ReconnectWatchParts) {
    this.#parts = parts;
  }

  onState(state: ConnectionState): void {
    if (state === 'ready') {
      this.stop();
      this.#readySinceMs ??= this.#parts.wallMs();
      return;
    }
    if (this.#readySinceMs !== null) this.#lost(this.#readySinceMs);
    this.#readySinceMs = null;
    const { outage_ms: outageMs } = this.#parts.limits;
    if (outageMs === null) return;
    // Until it is ready again there is one only. It keeps no process from ending.
    this.#outage ??= setTimeout(() => this.#stillDown(outageMs), outageMs).unref();
  }

  stop(): void {
    clearTimeout(this.#outage);
    this.#outage = undefined;
  }

  #lost(readySinceMs: number): void {
    const { limits, wallMs } = this.#parts;
    const { count, within_ms: withinMs } = limits;
    const now = wallMs();
    if (now - readySinceMs >= withinMs) this.#areLossesTold = false;
    this.#lossesMs = [...this.#lossesMs.filter((ms) => now - ms < withinMs), now].slice(-count);
    if (this.#lossesMs.length < count || this.#areLossesTold) return;
    this.#areLossesTold = true;
    const losses = `lost ${count} times within ${Math.round(withinMs / 1000)} s`;
    const meanwhile = 'after each loss entries wait until the account has been read';
    this.#tell('CONNECTION_UNSTABLE', `the venue was ${losses}; ${meanwhile}`);
  }

  #stillDown(outageMs: number): void {
    const seconds = Math.round(outageMs / 1000);
    const meanwhile = 'entries wait until it is; what rests there goes on';
    this.#tell('CONNECTION_DOWN', `the venue has not been ready for ${seconds} s; ${meanwhile}`);
  }

  #tell(code: Parameters<ReconnectWatchParts['alert']>[0], text: string): void {
    this.#parts.alert(code, `${text}. ${NEXT}`);
  }
}
