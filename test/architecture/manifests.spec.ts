import { expect, test } from 'vitest';
import { manifestFindings } from './manifests.js';
import { readPackage, readPackages, type PackageManifest } from './packages.js';

const ENGINE = '>=20';

function check(manifest: PackageManifest, folder = 'core') {
  return manifestFindings(
    [{ folder, manifest: { engines: { node: ENGINE }, ...manifest } }],
    ENGINE,
  );
}

test.each(['^1.0.0', '~1.0.0', '1.x', '*', 'latest', 'file:../a', 'git+https://a.example/b'])(
  'finds a dependency that is %s',
  (version) => {
    const message = `core/package.json: a is ${version}, not an exact version`;
    expect(check({ dependencies: { a: version } })).toEqual([message]);
    expect(check({ devDependencies: { a: version } })).toEqual([message]);
    expect(check({ optionalDependencies: { a: version } })).toEqual([message]);
  },
);

test('finds a peer that is a folder or anything at all, and allows a range', () => {
  expect(check({ peerDependencies: { a: 'file:../a', b: '*', c: '^1.0.0' } })).toEqual([
    'core/package.json: a is file:../a, not a range of releases',
    'core/package.json: b is *, not a range of releases',
  ]);
});

test('finds any dependency of contracts', () => {
  expect(
    check({ dependencies: { a: '1.0.0' }, devDependencies: { b: '1.0.0' } }, 'contracts'),
  ).toEqual(['contracts/package.json: depends on a; contracts has no dependencies']);
});

test('finds a package that names no engine, or another than the root', () => {
  const findings = manifestFindings(
    [
      { folder: '', manifest: {} },
      { folder: 'core', manifest: { engines: { node: '*' } } },
    ],
    ENGINE,
  );
  expect(findings).toEqual([
    'package.json: engines.node is not >=20',
    'core/package.json: engines.node is not >=20',
  ]);
});

test('every package of the project keeps these promises', () => {
  const root = readPackage('');
  const engine = root.manifest.engines?.['node'] ?? '';
  expect(engine).toMatch(/\d/);
  expect(manifestFindings([root, ...readPackages()], engine)).toEqual([]);
});
