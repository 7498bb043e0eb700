// The first thing in which a file does not fit its schema, as a pointer and words. ajv is loaded
// only when there is a file to check.
export interface SchemaProblem {
  /** JSON pointer; empty = the whole. */
  readonly pointer: string;
  readonly what: string;
}

export async function schemaProblem(
  schema: object,
  value: unknown,
): Promise<SchemaProblem | undefined> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const validate = new Ajv2020({ strict: true, verbose: true }).compile(schema);
  if (validate(value)) return undefined;
  const error = validate.errors![0]!;
  const extra = (error.params as { additionalProperty?: string }).additionalProperty;
  if (extra !== undefined) {
    return { pointer: `${error.instancePath}/${extra}`, what: 'is not a known setting' };
  }
  const title = (error.parentSchema as { title?: string }).title;
  const what = title === undefined ? error.message! : `must be ${title}`;
  return { pointer: error.instancePath, what };
}
