// One alarm clock of market time. Setting it again forgets what it was set to before.
export interface Alarm {
  /** Calls back once when market time has reached `dueMs`; Infinity = never. */
  set(dueMs: number, fire: () => void): void;
  clear(): void;
}
