// What an error message needs to know beyond ajv's error: the sense of a shared pattern.

/** A phrase to follow "must be", by pattern. */
export function patternPhrases(schema) {
  const phrases = {};
  for (const definition of Object.values(schema.$defs)) {
    if (definition.pattern !== undefined) phrases[definition.pattern] = phrase(definition);
  }
  return phrases;
}

function phrase({ description }) {
  const sentence = description.split(/\. |\.$|: /)[0];
  return sentence[0].toLowerCase() + sentence.slice(1);
}
