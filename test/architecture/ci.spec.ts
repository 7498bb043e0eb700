import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from './source.js';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runner-ci-'));
  mkdirSync(join(folder, '.ci'));
  copyFileSync(join(ROOT, '.ci/run'), join(folder, '.ci/run'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs the CI script in a project whose README names the given command for its tests. */
function run(command: string, options: readonly string[] = []) {
  const other = '```bash\nnpm install the-wrong-block\n```';
  const tests = `## Run the tests\n\n\`\`\`bash\n${command}\n\`\`\`\n`;
  writeFileSync(join(folder, 'README.md'), `# P\n\n## Start\n\n${other}\n\n${tests}\n${other}\n`);
  return spawnCi(options);
}

function spawnCi(options: readonly string[] = []) {
  const { status, stdout, stderr } = spawnSync(join(folder, '.ci/run'), options, {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, lines: stdout.trimEnd().split('\n'), stderr };
}

const report = (passed: number, failed: number, skipped: number) => {
  const results = { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped };
  return `echo '${JSON.stringify(results)}' > "$RUNNER_TEST_RESULTS"`;
};

describe('the CI script', () => {
  test('runs the command below the heading with "tests", and no other block', () => {
    const { status, lines } = run('npm ci && npm test', ['--print-command']);
    expect({ status, lines }).toEqual({ status: 0, lines: ['npm ci && npm test'] });
  });

  test('runs what the page of this project tells its readers', () => {
    const { stdout } = spawnSync(join(ROOT, '.ci/run'), ['--print-command'], { encoding: 'utf8' });
    expect(stdout).toBe('npm ci && npm test\n');
  });

  test('ends with the counts of the test run', () => {
    const { status, lines } = run(`echo working && ${report(7, 0, 2)}`);
    expect({ status, lines }).toEqual({
      status: 0,
      lines: ['working', '2 skipped', '7 passed, 0 failed'],
    });
  });

  test('fails with the number of failed tests', () => {
    const { status, lines } = run(`${report(5, 2, 0)}; exit 1`);
    expect({ status, lines }).toEqual({ status: 1, lines: ['5 passed, 2 failed'] });
  });

  test('counts a failure of another step, even where all tests passed', () => {
    const { status, lines } = run(`${report(5, 0, 0)}\nfalse`);
    expect({ status, lines }).toEqual({ status: 1, lines: ['5 passed, 1 failed'] });
  });

  test('fails where no test ran at all', () => {
    const { status, lines } = run('true');
    expect({ status, lines }).toEqual({ status: 1, lines: ['0 passed, 1 failed'] });
  });

  test('gives the command no input to wait for', () => {
    expect(run(`cat && ${report(1, 0, 0)}`).lines).toEqual(['1 passed, 0 failed']);
  });

  test('fails where README names no test command, and says what to add', () => {
    writeFileSync(join(folder, 'README.md'), '# P\n\n## Start\n\n```bash\nnpm ci\n```\n');
    const { status, lines, stderr } = spawnCi();
    expect({ status, lines }).toEqual({ status: 1, lines: ['0 passed, 1 failed'] });
    expect(stderr).toContain('Add one that holds: npm ci && npm test');
  });
});
