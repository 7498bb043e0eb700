// A bounded memory of recent keys in two generations: the old one is dropped whole when the young
// one is full. Forgetting one by one would leave a growing row of tombstones at the head of a Map.

export interface Recent<Value> {
  young: Map<string, Value>;
  old: Map<string, Value>;
}

export function emptyRecent<Value>(): Recent<Value> {
  return { young: new Map(), old: new Map() };
}

/** Remembers at least the last `limit` keys, at most twice as many. */
export function remember<Value>(
  recent: Recent<Value>,
  key: string,
  value: Value,
  limit: number,
): void {
  if (recent.young.size >= limit) {
    recent.old = recent.young;
    recent.young = new Map();
  }
  recent.young.set(key, value);
}

type ReadonlyRecent<Value> = {
  readonly young: ReadonlyMap<string, Value>;
  readonly old: ReadonlyMap<string, Value>;
};

export function recall<Value>(recent: ReadonlyRecent<Value>, key: string): Value | undefined {
  return recent.young.get(key) ?? recent.old.get(key);
}
