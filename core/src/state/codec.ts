// State and records as JSON and back, without a schema of which field is money: a decimal is a
// string that starts with '#', a text that really starts with '#' is doubled. Plugins choose keys,
// so a key that starts with '$' is doubled too: nothing they say can pass for one of the marks
// below.
import { decimal, format } from '../decimal.js';

export function encode(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    switch (typeof item) {
      case 'bigint':
        return `#${format(item)}`;
      case 'string':
        return item.startsWith('#') ? `#${item}` : item;
      case 'number':
        return item === Infinity ? { $number: 'Infinity' } : item;
      default:
        if (item instanceof Map) return { $map: [...item] };
        if (item instanceof Set) return { $set: [...item] };
        return escaped(item);
    }
  });
}

function escaped(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
  for (const key in item) {
    if (key.charCodeAt(0) === 36) return renamed(item, (name) => `$${name}`);
  }
  return item;
}

function renamed(item: object, rename: (key: string) => string): object {
  const fields = Object.entries(item);
  return Object.fromEntries(
    fields.map(([key, value]) => [key.startsWith('$') ? rename(key) : key, value as unknown]),
  );
}

export function decode(text: string): unknown {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item === 'string') {
      if (!item.startsWith('#')) return item;
      return item.startsWith('##') ? item.slice(1) : decimal(item.slice(1));
    }
    if (typeof item !== 'object' || item === null) return item;
    if ('$map' in item) return new Map(item.$map as [unknown, unknown][]);
    if ('$set' in item) return new Set(item.$set as unknown[]);
    if ('$number' in item) return Infinity;
    for (const key in item) {
      if (key.charCodeAt(0) === 36) return renamed(item, (name) => name.slice(1));
    }
    return item;
  });
}
