// The type-state of an intent: a stage can only be reached through the one before.
declare const valid: unique symbol;
declare const permitted: unique symbol;

/** Has passed the schema. */
export type Valid<T> = T & { readonly [valid]: true };

/** Has passed capability, gates and expiry, with defaults merged and the envelope stamped. */
export type Permitted<T> = T & { readonly [permitted]: true };
