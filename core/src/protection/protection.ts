// The protection of one position: levels resolved to prices, what has been done, what rests where.
// It follows the position: armed on the first fill, resized with each fill, gone when flat.
import type { Decimal } from '../decimal.js';
import type { FallbackPolicy, Protection } from '@strategy-runner/contracts';

export type StopSource = 'stop_loss' | 'trailing_stop' | 'breakeven';

export interface StopState {
  /** Trigger price, on the tick, rounded towards the market. */
  readonly price: Decimal;
  readonly priceNumber: number;
  readonly source: StopSource;
  readonly order: 'market' | 'limit';
  readonly limitOffsetBps: number;
  readonly fallback: FallbackPolicy | null;
}

export interface TargetState {
  /** 1-based place in the ladder; its leg is `tp<index>`. */
  readonly index: number;
  readonly price: Decimal;
  readonly shareBps: number;
  readonly order: 'market' | 'limit';
  readonly fallback: FallbackPolicy | null;
  /** Filled so far; a target whose whole share has filled is done. */
  readonly filled: Decimal;
  readonly isDone: boolean;
}

export interface TrailingState {
  readonly activateAt: number | null;
  readonly distanceBps: number;
  readonly stepBps: number;
  readonly isActive: boolean;
  /** Best closed price since activation, as the float64 of the bar. */
  readonly best: number;
}

export interface BreakevenState {
  readonly activateAt: number;
  readonly offsetBps: number;
  readonly isDone: boolean;
}

export interface TimeExitState {
  readonly dueMs: number | null;
  readonly dueBar: number | null;
  readonly onlyIf: 'always' | 'in_profit' | 'in_loss';
  readonly isFired: boolean;
}

export interface ProtectionState {
  readonly spec: Protection;
  /** Where the stop and the targets rest; `host` triggers on closed bars and exits at market. */
  readonly place: 'venue' | 'host';
  readonly stop: StopState | null;
  readonly targets: readonly TargetState[];
  readonly trailing: TrailingState | null;
  readonly breakeven: BreakevenState | null;
  readonly timeExit: TimeExitState | null;
  /** Distance between entry and the first stop: one R. */
  readonly riskPerUnit: Decimal | null;
  /** How often each leg has used its own fallback. */
  readonly fallbackUses: Readonly<Record<string, number>>;
}
