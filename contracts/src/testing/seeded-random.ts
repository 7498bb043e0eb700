// Randomness that replays: a pure function of (seed, event number, call number).

/** Uniform in [0, 1). */
export function seededRandom(seed: number, event: number, call: number): number {
  const mixed = mix(mix(mix(seed) ^ event) ^ call);
  return mixed / 0x1_0000_0000;
}

/** The finaliser of MurmurHash3: every input bit reaches every output bit. */
function mix(value: number): number {
  let hash = Math.imul((value + 0x9e3779b9) | 0, 1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
