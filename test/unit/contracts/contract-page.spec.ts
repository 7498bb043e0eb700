import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CODES } from '@strategy-runner/contracts';
import { validateIntent, validateIntentBody } from '@strategy-runner/contracts/validators';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const page = readFileSync(`${root}docs/CONTRACT.md`, 'utf8');
const examples = [...page.matchAll(/^```json\n([\s\S]*?)^```/gm)].map(
  ([, json = '']) => JSON.parse(json) as { readonly kind: string; readonly contract?: string },
);

test('what is generated agrees with its sources', () => {
  const script = `${root}contracts/scripts/generate.mjs`;
  expect(() =>
    execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' }),
  ).not.toThrow();
});

describe('docs/CONTRACT.md', () => {
  test('shows one full example per kind, and an envelope', () => {
    expect(examples.map(({ kind, contract }) => [kind, contract])).toEqual([
      ['open', undefined],
      ['close', undefined],
      ['partial_close', undefined],
      ['dca', undefined],
      ['cancel', undefined],
      ['amend_protection', undefined],
      ['hold', undefined],
      ['dca', '1.0'],
    ]);
  });

  test('shows only examples that are valid', () => {
    const issues = examples.map((example) =>
      (example.contract === undefined ? validateIntentBody : validateIntent)(example),
    );
    expect(issues.filter((issue) => issue !== undefined)).toEqual([]);
  });

  test('lists the 23 rules in order with codes that exist', () => {
    const rows = [...page.matchAll(/^\| (rule-\d\d) \|.*\|(.*)\|$/gm)];
    const names = Array.from({ length: 23 }, (_, index) => {
      return `rule-${String(index + 1).padStart(2, '0')}`;
    });
    expect(rows.map(([, name]) => name)).toEqual(names);
    const codes = rows.flatMap(([, , cell = '']) => cell.match(/[A-Z][A-Z_]+/g) ?? []);
    expect(codes.length).toBeGreaterThan(30);
    expect(codes.filter((code) => !(code in CODES))).toEqual([]);
  });

  test('lists every code', () => {
    const listed = [...page.matchAll(/^\| `([A-Z][A-Z_]+)` +\|/gm)].map(([, code]) => code);
    expect(listed).toEqual(Object.keys(CODES));
  });

  test('has no link into nothing', () => {
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor);
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter((anchor) => !headings.includes(anchor))).toEqual([]);
  });
});
