// The config a strategy starts with in a test: the defaults of its schema under the given values.

/** Defaults come from `properties.<name>.default`, one level deep; the result is frozen. */
export function configWithDefaults(
  schema: Readonly<Record<string, unknown>> | undefined,
  given: unknown,
): unknown {
  const properties = isRecord(schema?.['properties']) ? schema['properties'] : {};
  const config: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (isRecord(property) && 'default' in property) config[name] = property['default'];
  }
  return Object.freeze({ ...config, ...(isRecord(given) ? given : {}) });
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
