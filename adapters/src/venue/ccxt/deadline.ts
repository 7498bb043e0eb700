// A hard end to any wait. ccxt's timeout ends with the headers, so a stalled body would hang for
// ever; what comes after the deadline is handed on instead of being lost or left unhandled.

export type Settled<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'error'; readonly error: unknown };

export type Timed<Value> = Settled<Value> | { readonly kind: 'deadline' };

export interface DeadlineOptions<Value> {
  readonly ms: number;
  readonly onLate?: (late: Settled<Value>) => void;
}

/** Never rejects. */
export function withDeadline<Value>(
  work: Promise<Value>,
  { ms, onLate }: DeadlineOptions<Value>,
): Promise<Timed<Value>> {
  return new Promise((resolve) => {
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      resolve({ kind: 'deadline' });
    }, ms);
    const settle = (settled: Settled<Value>): void => {
      if (isOver) return onLate?.(settled);
      clearTimeout(timer);
      resolve(settled);
    };
    work.then(
      (value) => settle({ kind: 'value', value }),
      (error: unknown) => settle({ kind: 'error', error }),
    );
  });
}
