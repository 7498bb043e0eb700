// What each package.json promises to whoever installs it: the same bytes tomorrow, on a Node that
// it names, and nothing at all below contracts.
import type { WorkspacePackage } from './packages.js';

const EXACT = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/;
const RANGE = /^[\^~]?\d+\.\d+\.\d+$/;

export function manifestFindings(
  packages: readonly WorkspacePackage[],
  engine: string,
): readonly string[] {
  return packages.flatMap(({ folder, manifest }) => {
    const file = folder === '' ? 'package.json' : `${folder}/package.json`;
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = manifest;
    const pinned = { ...dependencies, ...devDependencies, ...optionalDependencies };
    const installed = { ...dependencies, ...optionalDependencies, ...peerDependencies };
    const complaints = [
      ...Object.entries(pinned)
        .filter(([, version]) => !EXACT.test(version))
        .map(([name, version]) => `${name} is ${version}, not an exact version`),
      // A plugin shares the host's contracts, hence states a range of them.
      ...Object.entries(peerDependencies ?? {})
        .filter(([, version]) => !RANGE.test(version))
        .map(([name, version]) => `${name} is ${version}, not a range of releases`),
      ...(folder === 'contracts' ? Object.keys(installed) : []).map(
        (name) => `depends on ${name}; contracts has no dependencies`,
      ),
      ...(manifest.engines?.['node'] === engine ? [] : [`engines.node is not ${engine}`]),
    ];
    return complaints.map((complaint) => `${file}: ${complaint}`);
  });
}
