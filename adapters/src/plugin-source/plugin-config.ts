// The config a plugin is created with: the schema's defaults, under the config file's values, under
// --set. It is validated and frozen; a wrong value names the place it came from.
import { EXIT, RunnerError } from '../errors.js';
import type { ErrorObject } from 'ajv';
import { configProblem } from './config-problem.js';
import type { ConfigProblem } from './config-problem.js';
import { compileConfigSchema } from './config-schema.js';
import type { ConfigCheck } from './config-schema.js';
import type { JsonRecord } from './record.js';
import { applySet, pointerOf } from './set-option.js';
import type { SetConfig } from './set-option.js';

export interface ConfigRequest {
  /** Names the plugin in errors. */
  readonly plugin: string;
  readonly schema: JsonRecord | undefined;
  /** From the config file, or from a caller in code. */
  readonly config: JsonRecord;
  readonly set: SetConfig;
}

export async function resolvePluginConfig(request: ConfigRequest): Promise<JsonRecord> {
  const { plugin, schema, config: given, set } = request;
  if (schema === undefined) return refuseValues(plugin, given, set);
  const check = await compileConfigSchema(plugin, schema);
  let config = applySet(given, set, new Set());
  let errors = check(config);
  const raw = textPointers(errors, set);
  if (raw.size > 0) {
    config = applySet(given, set, raw);
    errors = check(config);
  }
  const [first] = errors;
  if (first !== undefined) throw valueError(configProblem(first), first, request);
  return frozen(config);
}

function refuseValues(plugin: string, fromFile: JsonRecord, fromSet: SetConfig): JsonRecord {
  const [setKey] = Object.keys(fromSet);
  const [key] = Object.keys(fromFile);
  if (setKey === undefined && key === undefined) return Object.freeze({});
  const given = setKey === undefined ? `"${key}"` : `--set ${setKey}`;
  throw new RunnerError({
    ...origin(setKey !== undefined),
    message: `${plugin} takes no config, ${given} was given`,
    why: 'It has no config schema',
    next: 'leave the value out, or add a config schema to the plugin',
    context: { plugin, given: setKey ?? key },
  });
}

/** Where --set gave text that only looks like a number, and the schema wants the text. */
function textPointers(errors: ReturnType<ConfigCheck>, set: SetConfig): ReadonlySet<string> {
  const texts = new Map(Object.entries(set).map(([key, value]) => [pointerOf(key), value]));
  const wantsText = ({ instancePath, keyword, params }: ErrorObject): boolean => {
    const text = texts.get(instancePath);
    if (typeof text !== 'string') return false;
    if (keyword === 'type') return [params['type']].flat().includes('string');
    if (keyword === 'enum') return [params['allowedValues']].flat().includes(text);
    return keyword === 'const' && params['allowedValue'] === text;
  };
  return new Set(errors.filter(wantsText).map(({ instancePath }) => instancePath));
}

function valueError(
  problem: ConfigProblem,
  { keyword }: ErrorObject,
  { plugin, config, set }: ConfigRequest,
): RunnerError {
  const { pointer } = problem;
  const key = Object.keys(set).find((one) => {
    const given = pointerOf(one);
    return `${pointer}/`.startsWith(`${given}/`) || given.startsWith(`${pointer}/`);
  });
  const isMissing = keyword === 'required';
  const hasFile = Object.keys(config).length > 0;
  const isFromSet = !isMissing && (key !== undefined || (!hasFile && Object.keys(set).length > 0));
  const option = isFromSet && key !== undefined ? `--set ${key}: ` : '';
  return new RunnerError({
    ...origin(isFromSet),
    message: `[plugin ${plugin}] ${option}${problem.message}`,
    why: problem.why,
    next: isFromSet ? 'correct --set' : `correct ${pointer} in the config, or give it with --set`,
    context: { plugin, pointer, keyword },
  });
}

function origin(isFromSet: boolean) {
  return isFromSet
    ? { code: 'USAGE', exitCode: EXIT.usage }
    : { code: 'CONFIG_INVALID', exitCode: EXIT.configuration };
}

function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
