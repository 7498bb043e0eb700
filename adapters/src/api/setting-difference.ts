// Names the first setting in which two configs differ, as a JSON pointer: a hash says only that
// something is another.
export interface SettingDifference {
  readonly path: string;
  readonly was: string;
  readonly is: string;
}

export function firstDifference(
  before: unknown,
  now: unknown,
  path = '',
): SettingDifference | undefined {
  if (!isTree(before) || !isTree(now)) {
    const was = shown(before);
    const is = shown(now);
    return was === is ? undefined : { path, was, is };
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  for (const name of names) {
    const found = firstDifference(before[name], now[name], `${path}/${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'not set';
}
