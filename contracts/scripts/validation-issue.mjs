// Copied verbatim into dist/validators.js: turns ajv's errors into the one issue worth reading.

/**
 * The first error is the leaf that failed; what follows it are the conditions around it. Only an
 * anyOf needs its siblings: none of the alternatives was there.
 */
export function issueFrom(errors, phrases) {
  const [first] = errors;
  const alternatives = errors.findIndex((error) => error.keyword === 'anyOf');
  if (first.keyword === 'required' && alternatives > 0) {
    const missing = errors.slice(0, alternatives).map((error) => error.params.missingProperty);
    return { path: first.instancePath, message: `needs ${missing.join(' or ')}`, keyword: 'anyOf' };
  }
  return {
    path: first.instancePath + pointerSuffix(first),
    message: messageFor(first, phrases),
    keyword: first.keyword,
  };
}

function pointerSuffix({ keyword, params, propertyName }) {
  if (propertyName !== undefined) return `/${escaped(propertyName)}`;
  if (keyword === 'required') return `/${escaped(params.missingProperty)}`;
  if (keyword === 'additionalProperties') return `/${escaped(params.additionalProperty)}`;
  return '';
}

function messageFor({ keyword, params, message }, phrases) {
  if (keyword === 'required') return 'is required';
  if (keyword === 'additionalProperties') return 'is not a known field';
  if (keyword === 'enum') return `must be one of: ${params.allowedValues.join(', ')}`;
  if (keyword === 'const') return `must be ${JSON.stringify(params.allowedValue)}`;
  if (keyword === 'pattern')
    return `must be ${phrases[params.pattern] ?? `text like ${params.pattern}`}`;
  if (keyword === 'minProperties') return 'must not be empty';
  return message;
}

function escaped(key) {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
