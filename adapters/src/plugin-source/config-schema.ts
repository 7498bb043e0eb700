// Compiles a plugin's config schema with ajv, which is loaded here and only here, on first use.
import type { ErrorObject, ValidateFunction } from 'ajv';
import { pluginInvalid, thrownText } from './plugin-error.js';
import { isRecord } from './record.js';
import type { JsonRecord } from './record.js';

/** Checks a config and writes the schema's defaults into it. */
export type ConfigCheck = (config: Record<string, unknown>) => readonly ErrorObject[];

export async function compileConfigSchema(
  plugin: string,
  schema: JsonRecord,
): Promise<ConfigCheck> {
  const { Ajv2020 } = await import('ajv/dist/2020.js');
  const ajv = new Ajv2020({
    strictSchema: true,
    strictTypes: false,
    strictTuples: false,
    // A format is a remark in JSON Schema 2020-12; a pattern is what checks.
    validateFormats: false,
    allErrors: true,
    verbose: true,
    useDefaults: true,
    logger: false,
  });
  let check: ValidateFunction;
  try {
    ajv.addVocabulary(extensionKeywords(schema));
    check = ajv.compile(closed(schema));
  } catch (error) {
    throw pluginInvalid({
      message: `[plugin ${plugin}] the config schema cannot be used: ${thrownText(error)}`,
      next: 'correct config_schema; it is JSON Schema 2020-12',
      cause: error,
    });
  }
  return (config) => (check(config) ? [] : (check.errors ?? []));
}

const NOT_SCHEMAS = new Set(['default', 'const', 'enum', 'examples']);

/** The x-… keywords used anywhere: notes for tools such as the sweep, no rules for a value. */
function extensionKeywords(schema: unknown): string[] {
  const found = new Set<string>();
  const visit = (node: unknown, isNames: boolean): void => {
    if (Array.isArray(node)) for (const item of node) visit(item, false);
    if (!isRecord(node)) return;
    for (const [key, value] of Object.entries(node)) {
      if (!isNames && key.startsWith('x-')) found.add(key);
      else if (isNames || !NOT_SCHEMAS.has(key)) {
        visit(value, !isNames && (key === 'properties' || key === '$defs'));
      }
    }
  };
  visit(schema, false);
  return [...found];
}

const OPENERS = ['additionalProperties', 'unevaluatedProperties', 'patternProperties'];
const COMBINERS = ['$ref', 'allOf', 'anyOf', 'oneOf', 'if'];

/**
 * A field the schema does not list is a typing mistake, not an extra: objects that list their
 * properties are closed unless the author opened them or composed them of several schemas.
 */
function closed(schema: JsonRecord): JsonRecord {
  const { properties } = schema as { readonly properties?: unknown };
  if (!isRecord(properties)) return schema;
  const fields = Object.entries(properties).map(
    ([name, field]) => [name, isRecord(field) ? closed(field) : field] as const,
  );
  const isOpen = [...OPENERS, ...COMBINERS].some((keyword) => keyword in schema);
  return {
    ...schema,
    properties: Object.fromEntries(fields),
    ...(isOpen ? {} : { additionalProperties: false }),
  };
}
