// JSON with 64-bit integers as bare digits, as the exchange writes its order ids: a client that
// reads them as floats gets them wrong, which is the point.

const MARK = '@int64:';

export function toJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? `${MARK}${item}` : item,
  );
  return text.replaceAll(/"@int64:(-?\d+)"/g, '$1');
}
