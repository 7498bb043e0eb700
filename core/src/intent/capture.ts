// Copies what a plugin returned into plain JSON before anyone looks at it twice: a getter, a proxy
// or a later mutation cannot change an intent after it was checked. What JSON cannot say is named,
// not kept.

const MAX_DEPTH = 12;
const MAX_NODES = 2000;
const MAX_TEXT = 4096;

/** Stands in the place of a body that is not plain JSON; the schema stage denies it by this key. */
export interface Uncapturable {
  readonly $uncapturable: { readonly path: string; readonly detail: string };
}

class NotPlain extends Error {
  readonly path: string;
  readonly detail: string;
  constructor(path: string, detail: string) {
    super(detail);
    this.path = path;
    this.detail = detail;
  }
}

// Copies of what can never change, by what they were copied from: a plugin that answers with the
// same frozen body again and again gets the same copy, and what was found out about it still holds.
const lasting = new WeakMap<object, object>();
const copies = new WeakSet<object>();

/** Whether the body is such a copy: it is the same whenever it comes again. */
export function isLasting(body: unknown): body is object {
  return typeof body === 'object' && body !== null && copies.has(body);
}

/**
 * A deep plain copy, or an `Uncapturable` that names the first path that is not plain JSON. What is
 * frozen throughout is copied once.
 */
export function capture(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return captureAnew(value);
  const known = lasting.get(value);
  if (known !== undefined) return known;
  const copied = captureAnew(value);
  if (isUncapturable(copied) || !isFrozenThroughout(value, 0)) return copied;
  // It may have become frozen while it was being read, so only a copy made from now on lasts.
  const settled = captureAnew(value);
  if (typeof settled === 'object' && settled !== null) {
    lasting.set(value, settled);
    copies.add(settled);
  }
  return settled;
}

function captureAnew(value: unknown): unknown {
  try {
    return copy(value, '', 0, { nodes: 0 });
  } catch (error) {
    if (error instanceof NotPlain) {
      return { $uncapturable: { path: error.path, detail: error.detail } };
    }
    return { $uncapturable: { path: '', detail: `reading it threw${told(error)}` } };
  }
}

// A frozen object with a getter still answers what it likes; only values that stand are safe. Not
// even a proxy can deny what its frozen target holds.
function isFrozenThroughout(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  try {
    if (depth > MAX_DEPTH || !Object.isFrozen(value)) return false;
    return Object.values(Object.getOwnPropertyDescriptors(value)).every(
      (field) => 'value' in field && isFrozenThroughout(field.value, depth + 1),
    );
  } catch {
    return false;
  }
}

// A plugin may throw what cannot even be turned into text.
function told(error: unknown): string {
  try {
    return `: ${String(error)}`.slice(0, MAX_TEXT);
  } catch {
    return '';
  }
}

/** A plugin may return something of this shape by itself; it is then taken at its word. */
export function isUncapturable(value: unknown): value is Uncapturable {
  if (typeof value !== 'object' || value === null || !('$uncapturable' in value)) return false;
  const inner = value.$uncapturable as Partial<Uncapturable['$uncapturable']> | null;
  return typeof inner?.path === 'string' && typeof inner.detail === 'string';
}

function copy(value: unknown, path: string, depth: number, budget: { nodes: number }): unknown {
  budget.nodes += 1;
  if (budget.nodes > MAX_NODES) throw new NotPlain(path, `more than ${MAX_NODES} values`);
  if (depth > MAX_DEPTH) throw new NotPlain(path, `nested deeper than ${MAX_DEPTH}`);
  switch (typeof value) {
    case 'string':
      if (value.length > MAX_TEXT) throw new NotPlain(path, `text longer than ${MAX_TEXT}`);
      return value;
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new NotPlain(path, `${value} is not a JSON number`);
      return value;
    case 'object':
      return value === null ? null : copyObject(value, path, depth, budget);
    default:
      throw new NotPlain(path, `a ${typeof value} is not JSON`);
  }
}

function copyObject(
  value: object,
  path: string,
  depth: number,
  budget: { nodes: number },
): unknown {
  if (Array.isArray(value)) {
    if (value.length > MAX_NODES) throw new NotPlain(path, `more than ${MAX_NODES} values`);
    const items: unknown[] = [];
    for (let i = 0; i < value.length; i += 1) {
      items.push(copy(value[i], `${path}/${i}`, depth + 1, budget));
    }
    return items;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !isForeignPlain(prototype)) {
    throw new NotPlain(path, 'only plain objects and arrays are JSON');
  }
  const plain: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue;
    if (key.length > MAX_TEXT) throw new NotPlain(path, `a key longer than ${MAX_TEXT}`);
    if (key === '__proto__') throw new NotPlain(`${path}/__proto__`, 'a reserved key');
    plain[key] = isSimple(item, depth, budget)
      ? item
      : copy(item, `${path}/${key}`, depth + 1, budget);
  }
  return plain;
}

// Most of an intent is short texts: what needs no word of where it stands is taken as it is.
function isSimple(value: unknown, depth: number, budget: { nodes: number }): boolean {
  const isShort = typeof value === 'string' && value.length <= MAX_TEXT;
  if ((!isShort && typeof value !== 'boolean') || depth >= MAX_DEPTH) return false;
  if (budget.nodes >= MAX_NODES) return false;
  budget.nodes += 1;
  return true;
}

// A plain object of another realm has a prototype whose own prototype is null.
function isForeignPlain(prototype: unknown): boolean {
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, 'hasOwnProperty')
  );
}
