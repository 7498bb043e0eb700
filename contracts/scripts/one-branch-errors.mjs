// Rewrites each union into if/then/else on the tag, or on the key that tells its branches apart.
// The branches exclude each other, so the verdict stays the same; the error comes from the branch
// that was meant, and no branch is tried in vain. Annotations are dropped: nothing reads them here.

const annotations = new Set(['description', 'default', '$comment']);

/** A schema with the same verdicts and one-branch errors. */
export function oneBranchErrors(schema) {
  return rewritten(schema, schema);
}

function rewritten(node, root) {
  if (Array.isArray(node)) return node.map((item) => rewritten(item, root));
  if (node === null || typeof node !== 'object') return node;
  const { oneOf, ...rest } = node;
  const result = {};
  for (const [key, value] of Object.entries(rest)) {
    if (annotations.has(key) && typeof value !== 'object') continue;
    result[key] = rewritten(value, root);
  }
  if (result.uniqueItems === true) result.items = withKnownType(result.items, root);
  if (oneOf === undefined) return result;
  const branches = rewritten(oneOf, root);
  const { discriminator, ...others } = result;
  if (discriminator === undefined) return { ...others, ...chain(branches, branches) };
  return { ...others, ...tagChain(branches, discriminator.propertyName, root) };
}

function tagChain(branches, tag, root) {
  const valuesOf = ({ $ref }) => {
    const property = definitionOf($ref, root).properties[tag];
    return property.enum ?? [property.const];
  };
  const unknown = { properties: { [tag]: { enum: branches.flatMap(valuesOf) } } };
  return branches.reduceRight((rest, branch) => {
    const [first, ...others] = valuesOf(branch);
    const value = others.length === 0 ? { const: first } : { enum: [first, ...others] };
    return { if: { properties: { [tag]: value } }, then: branch, else: rest };
  }, unknown);
}

function chain([first, ...others], all) {
  const condition = conditionFor(first);
  if (condition === undefined) return first;
  return { if: condition, then: first, else: others.length > 0 ? chain(others, all) : noneOf(all) };
}

/** What only this branch allows: its first required key, or its type when it is not an object. */
function conditionFor(branch) {
  if (branch.required?.length > 0) return { required: [branch.required[0]] };
  if (branch.type === 'string') return { type: 'string' };
  return branch.type === 'integer' ? { type: 'number' } : undefined;
}

function noneOf(branches) {
  return {
    type: 'object',
    anyOf: branches.map((branch) => ({ required: [branch.required[0]] })),
  };
}

/** Ajv compares items of unknown type with a library function, which must not be needed here. */
function withKnownType(items, root) {
  if (items.$ref === undefined) return items;
  return { type: definitionOf(items.$ref, root).type, ...items };
}

function definitionOf(reference, root) {
  return root.$defs[reference.split('/').at(-1)];
}
