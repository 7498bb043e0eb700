// The only place that reads the wall clock.
import type { Clock } from '@strategy-runner/core';

export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }
}
