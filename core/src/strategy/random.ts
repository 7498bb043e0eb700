// Randomness as a function of (seed, instance, trigger key, call number), never a shared stream:
// one more draw in one place changes nothing anywhere else, and a replay draws the same.

/** Uniform in [0, 1). */
export function randomAt(seed: number, purpose: string, call: number): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ call;
  for (let i = 0; i < purpose.length; i += 1) {
    hash = Math.imul(hash ^ purpose.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39);
  return ((hash ^ (hash >>> 15)) >>> 0) / 4_294_967_296;
}
