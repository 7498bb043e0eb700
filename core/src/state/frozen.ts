// Deep read-only view of the state for every stage: only the reducers in this folder may write.

export type Frozen<T> = T extends (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends Map<infer Key, infer Value>
    ? ReadonlyMap<Key, Frozen<Value>>
    : T extends Set<infer Item>
      ? ReadonlySet<Item>
      : T extends (...args: never[]) => unknown
        ? T
        : T extends object
          ? { readonly [Key in keyof T]: Frozen<T[Key]> }
          : T;
