// A short, stable name for a long id inside another id, so that ids of chained decisions stay
// bounded.

/**
 * 53-bit mix of two FNV-1a style 32-bit lanes, base 36. Not cryptographic; collisions only merge
 * names.
 */
export function shortKey(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9dc5811c;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
  }
  a = Math.imul(a ^ (a >>> 16), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 13), 0x27d4eb2f);
  return ((a >>> 0) * 0x200000 + ((b ^ (b >>> 15)) >>> 11)).toString(36);
}
