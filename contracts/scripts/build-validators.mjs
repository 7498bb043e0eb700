// Compiles the schemas into dist/validators.js: standalone code that imports nothing. Runs before
// tsc -b, which leaves files it did not write alone.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvStandalone from 'ajv/dist/standalone/index.js';
import { oneBranchErrors } from './one-branch-errors.mjs';
import { patternPhrases } from './pattern-phrases.mjs';

const contracts = fileURLToPath(new URL('..', import.meta.url));

const schemaOf = {
  validateIntentBody: 'intent-body',
  validateIntent: 'intent',
  validateIntentEvent: 'intent-event',
  validatePluginManifest: 'plugin-manifest',
  validateSession: 'session',
  validateReport: 'report',
};
const names = Object.keys(schemaOf);

const declarations = `/** The first error of a document: where it is and what is wrong with it. */
export interface ValidationIssue {
  /** JSON pointer to the value, or to the place where a missing one belongs. */
  readonly path: string;
  readonly message: string;
  /** The schema keyword that failed. */
  readonly keyword: string;
}
/** Answers \`undefined\` when the value is valid. */
export type Validator = (value: unknown) => ValidationIssue | undefined;
${names.map((name) => `export declare const ${name}: Validator;\n`).join('')}`;

async function readSchema(name) {
  return JSON.parse(await readFile(`${contracts}schemas/${name}.schema.json`, 'utf8'));
}

function compiledCode(schemas) {
  const ajv = new Ajv2020({
    schemas: schemas.map(oneBranchErrors),
    allowUnionTypes: true,
    strictRequired: false,
    strictTypes: false,
    inlineRefs: false,
    code: { source: true, esm: true, optimize: 2 },
  });
  const ids = Object.fromEntries(names.map((name, index) => [`${name}$`, schemas[index].$id]));
  const code = ajvStandalone.default(ajv, ids).replace('"use strict";', '');
  if (code.includes('require(')) throw new Error('a schema keyword needs a run-time import of ajv');
  return code.replaceAll(/export const (\w+\$) ?=/g, 'const $1 =');
}

function wrapperFor(name) {
  return [
    `export const ${name} = (value) =>`,
    `  ${name}$(value) ? undefined : issueFrom(${name}$.errors, patternPhrases);`,
  ].join('\n');
}

async function main() {
  const schemas = await Promise.all(Object.values(schemaOf).map(readSchema));
  const issue = await readFile(new URL('validation-issue.mjs', import.meta.url), 'utf8');
  const text = [
    '// Generated from schemas/ by scripts/build-validators.mjs.',
    compiledCode(schemas),
    issue.replace('export function', 'function'),
    `const patternPhrases = ${JSON.stringify(Object.assign({}, ...schemas.map(patternPhrases)))};`,
    ...names.map(wrapperFor),
    '',
  ].join('\n');
  await mkdir(`${contracts}dist`, { recursive: true });
  await replaceFile(`${contracts}dist/validators.js`, text);
  await replaceFile(`${contracts}dist/validators.d.ts`, declarations);
}

/** Whoever imports the validators while they are built again never sees half a file. */
async function replaceFile(path, text) {
  const present = await readFile(path, 'utf8').catch(() => '');
  if (present === text) return;
  await writeFile(`${path}.${process.pid}`, text);
  await rename(`${path}.${process.pid}`, path);
}

await main();
