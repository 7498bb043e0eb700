// Writes everything that follows from the schemas: the envelope schema, the types and CONTRACT.md.
// With --check nothing is written; a file that would change is named and the exit code is 2.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { contractPage } from './contract-page.mjs';
import { intentSchemaFrom } from './intent-schema.mjs';
import { typescriptFrom } from './typescript-from-schema.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const schemaPath = (name) => `${root}contracts/schemas/${name}.schema.json`;
const names = ['intent-body', 'intent', 'intent-event', 'plugin-manifest', 'session', 'report'];

/** Every generated file: its path and the text it must hold. */
export async function generatedFiles() {
  const schemas = await readSchemas();
  const files = [
    { path: schemaPath('intent'), text: await pretty(JSON.stringify(schemas.intent), 'json') },
  ];
  for (const name of names) {
    const text = await typescriptFrom(schemas[name], name);
    files.push({ path: `${root}contracts/src/generated/${name}.ts`, text });
  }
  const page = await pretty(await contractPage(schemas), 'markdown');
  files.push({ path: `${root}docs/CONTRACT.md`, text: page });
  return files;
}

/** The generated files whose text on disk is not what the schemas say. */
export async function driftedFiles() {
  const drifted = [];
  for (const file of await generatedFiles()) {
    const present = await readFile(file.path, 'utf8').catch(() => '');
    if (present !== file.text) drifted.push({ ...file, name: relative(root, file.path) });
  }
  return drifted;
}

async function readSchemas() {
  const schemas = {};
  for (const name of names.filter((name) => name !== 'intent')) {
    schemas[name] = JSON.parse(await readFile(schemaPath(name), 'utf8'));
  }
  return { ...schemas, intent: intentSchemaFrom(schemas['intent-body']) };
}

async function pretty(text, parser) {
  const options = await resolveConfig(`${root}package.json`);
  return format(text, { ...options, parser });
}

async function main() {
  const drifted = await driftedFiles();
  if (process.argv.includes('--check')) {
    for (const { name } of drifted) process.stderr.write(`${name} is out of date\n`);
    if (drifted.length > 0) process.stderr.write('Run: npm run generate --workspace contracts\n');
    process.exitCode = drifted.length > 0 ? 2 : 0;
    return;
  }
  for (const { path, text, name } of drifted) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    process.stdout.write(`wrote ${name}\n`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
