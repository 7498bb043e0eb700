// Schema objects as Markdown tables: field, type, whether it must be there, meaning and default.

/** One row per property of an object schema. */
export function fieldTable({ properties, required = [] }, root) {
  const rows = Object.entries(properties).map(([name, property]) => {
    const target = resolve(property, root);
    const meaning = property.description ?? target.description;
    const fallback = target.default === undefined ? '' : ` Default \`${target.default}\`.`;
    const need = required.includes(name) ? 'yes' : '';
    return `| \`${name}\` | ${typeOf(property, root)} | ${need} | ${meaning}${fallback} |`;
  });
  return ['| field | type | required | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** A section for each named part of a schema that `isWanted`, in the order of the file. */
export function partSections(schema, isWanted) {
  return Object.entries(schema.$defs)
    .filter(([name, definition]) => hasSection(definition) && isWanted(name))
    .map(([name, definition]) => partSection(name, definition, schema))
    .join('\n\n');
}

function hasSection({ oneOf, properties }) {
  return oneOf !== undefined || properties !== undefined;
}

function partSection(name, definition, root) {
  const heading = `### ${name}\n\n${definition.description}`;
  if (definition.properties !== undefined) return `${heading}\n\n${fieldTable(definition, root)}`;
  const branches = definition.oneOf.map((branch) => {
    if (branch.properties === undefined) return `- ${typeOf(branch, root)}`;
    const fields = Object.keys(branch.properties).map((field) => `\`${field}\``);
    const meanings = Object.values(branch.properties).map((property) => {
      return property.description ?? resolve(property, root).description;
    });
    return `- ${fields.join(' and ')}: ${meanings.join(' ')}`;
  });
  return `${heading}\n\n${branches.join('\n')}`;
}

function resolve(property, root) {
  return property.$ref === undefined ? property : root.$defs[nameOf(property)];
}

function nameOf({ $ref }) {
  return $ref.split('/').at(-1);
}

function typeOf(property, root) {
  const target = resolve(property, root);
  if (target.const !== undefined) return `\`${target.const}\``;
  if (target.enum !== undefined) return target.enum.map((value) => `\`${value}\``).join(' ');
  if (target.type === 'array') return `list of ${typeOf(target.items, root)}`;
  if (property.$ref !== undefined && hasSection(target)) {
    return `[${nameOf(property)}](#${nameOf(property).toLowerCase()})`;
  }
  if (target.oneOf !== undefined) {
    return target.oneOf.map((branch) => typeOf(branch, root)).join(' or ');
  }
  return target.type;
}
