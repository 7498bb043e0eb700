// What a journal row does to the tables for people: a row is put, whole, or taken away. Repeating
// an operation changes nothing, and of several on one row only the last counts.
import { type Decimal, format } from '@strategy-runner/core';
import type { SqlRow } from '../../../private-files/connection.js';
import type { ProjectionName, ProjectionRow } from '../projection-tables.js';

export interface Operation {
  readonly table: ProjectionName;
  readonly key: string | number;
  /** `null` takes the row away. */
  readonly row: SqlRow | null;
}

export function put<Name extends ProjectionName>(
  table: Name,
  key: string | number,
  row: ProjectionRow<Name>,
): Operation {
  return { table, key, row };
}

export function remove(table: ProjectionName, key: string | number): Operation {
  return { table, key, row: null };
}

export function money(value: Decimal): string;
export function money(value: Decimal | null): string | null;
export function money(value: Decimal | null): string | null {
  return value === null ? null : format(value);
}

export function flag(claim: boolean): number {
  return claim ? 1 : 0;
}

/** JSON for a person: decimals as plain strings. */
export function plainJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item === 'bigint') return format(item);
    return item instanceof Map || item instanceof Set ? [...item] : item;
  }) as string | undefined;
  return text ?? 'null';
}
