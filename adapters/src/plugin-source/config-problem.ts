// Says in words what is wrong with one value of a config: where it is, what it is, what is allowed.
import type { ErrorObject } from 'ajv';
import { didYouMean } from './closest-name.js';
import { isRecord } from './record.js';
import type { JsonRecord } from './record.js';

export interface ConfigProblem {
  /** JSON pointer of the value, or of where a missing one belongs. */
  readonly pointer: string;
  readonly message: string;
  readonly why: string;
}

export function configProblem(error: ErrorObject): ConfigProblem {
  const { instancePath, keyword, params } = error;
  const schema: JsonRecord = isRecord(error.parentSchema) ? error.parentSchema : {};
  const fields = isRecord(schema['properties']) ? Object.keys(schema['properties']) : [];
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
    return {
      pointer: `${instancePath}/${name}`,
      message: `there is no config field "${name}"`,
      why: `The fields are ${fields.join(', ') || 'none'}.${didYouMean(name, fields)}`,
    };
  }
  if (keyword === 'required' || keyword === 'dependentRequired') {
    const pointer = `${instancePath}/${String(params['missingProperty'])}`;
    const field = isRecord(schema['properties'])
      ? schema['properties'][String(params['missingProperty'])]
      : undefined;
    return {
      pointer,
      message: `config ${pointer} is missing and has no default`,
      why: `Allowed: ${allowed(isRecord(field) ? field : {}) || 'a value'}`,
    };
  }
  const pointer = instancePath || '/';
  const value = schema['x-runner-secret'] === true ? 'a secret' : shown(error.data);
  return {
    pointer,
    message: `config ${pointer} is ${value}`,
    why: `Allowed: ${allowed(schema) || (error.message ?? keyword)}`,
  };
}

const BOUNDS: readonly (readonly [string, string])[] = [
  ['minimum', 'at least'],
  ['exclusiveMinimum', 'above'],
  ['maximum', 'at most'],
  ['exclusiveMaximum', 'below'],
  ['multipleOf', 'a multiple of'],
  ['minLength', 'characters at least'],
  ['maxLength', 'characters at most'],
  ['minItems', 'items at least'],
  ['maxItems', 'items at most'],
  ['pattern', 'matching'],
  ['const', 'exactly'],
];

/** 'integer, at least 2, at most 200'; empty when the schema says nothing in these words. */
function allowed(schema: JsonRecord): string {
  const { type } = schema as { readonly type?: unknown };
  const types = Array.isArray(type) ? type.join(' or ') : typeof type === 'string' ? type : '';
  const choices = schema['enum'];
  return [
    types,
    ...(Array.isArray(choices) ? [`one of ${choices.map(shown).join(', ')}`] : []),
    ...BOUNDS.filter(([keyword]) => keyword in schema).map(
      ([keyword, words]) => `${words} ${shown(schema[keyword])}`,
    ),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
