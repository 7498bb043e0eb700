import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const MODULE = pathToFileURL('adapters/dist/log/log-output.js').href;

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'runner-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What a process of its own has written to stderr, line by line. */
function stderrOf(code: string): readonly string[] {
  const script = `import { LogOutput } from ${JSON.stringify(MODULE)};
    const output = new LogOutput();
    ${code}`;
  const shell = `"${process.execPath}" --input-type=module 2>&1 >/dev/null`;
  const text = execFileSync('sh', ['-c', shell], { input: script, encoding: 'utf8' });
  return text.split('\n').slice(0, -1);
}

test('a session keeps every line, with those from before it was known, for its owner only', () => {
  const path = join(aFolder(), 'runner');
  const lines = stderrOf(`output.write('one\\n'); output.keepIn(${JSON.stringify(path)});
    output.write('two\\n'); output.release(); output.write('three\\n');`);
  expect(lines).toEqual(['one', 'two', 'three']);
  expect(readFileSync(`${path}.log`, 'utf8')).toBe('one\ntwo\n');
  expect(statSync(`${path}.log`).mode & 0o777).toBe(0o600);
});

test('a later run goes on in the same file, and puts one that has grown large aside', () => {
  const path = join(aFolder(), 'runner');
  const run = `output.keepIn(${JSON.stringify(path)}); output.write('line\\n');`;
  stderrOf(run);
  stderrOf(run);
  expect(readFileSync(`${path}.log`, 'utf8')).toBe('line\nline\n');
  writeFileSync(`${path}.log`, Buffer.alloc(16 * 1024 * 1024 + 1, 'x'));
  stderrOf(run);
  expect(readFileSync(`${path}.log`, 'utf8')).toBe('line\n');
  expect(statSync(`${path}.1.log`).size).toBe(16 * 1024 * 1024 + 1);
});

test.each(['/dev/full', '/proc/none'])('what cannot be written to %s is said once', (file) => {
  const link = join(aFolder(), 'runner.log');
  execFileSync('ln', ['-s', file, link]);
  const path = link.replace(/\.log$/, '');
  const lines = stderrOf(`output.keepIn(${JSON.stringify(path)});
    output.write('one\\n'); output.write('two\\n');`);
  expect(lines.filter((line) => !line.startsWith('{'))).toEqual(['one', 'two']);
  const told = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  expect(told).toMatchObject([{ level: 40, event: 'log_unwritten' }]);
});
