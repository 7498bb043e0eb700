// Live, paper and backtest differ only by the objects that the composition root wires. A branch on
// the mode anywhere else is the beginning of a second strategy, so it is a finding.
import { findPattern, type SourceFile } from './source.js';
import { COMPOSITION_ROOT } from './purity.js';

const COMMANDS = 'adapters/src/cli/commands/';
const QUOTED = String.raw`(['"\x60])(?:live|paper|backtest)\1`;

const BRANCHES: readonly RegExp[] = [
  new RegExp(String.raw`[!=]==?\s*${QUOTED}`),
  new RegExp(String.raw`${QUOTED}\s*[!=]==?`),
  new RegExp(String.raw`\bcase\s+${QUOTED}`),
  new RegExp(String.raw`\[[^\[\]]*${QUOTED}[^\[\]]*\](?:\s+as\s+const)?\)?\s*\.\s*includes\b`),
  // A table of modes looked up by the mode, and a claim that carries the mode under another name.
  /\[\s*(?:[\w$]+\s*\.\s*)*mode\s*\]/,
  /(?<![\w$])is(?:Live|Paper|Backtest)(?:Mode)?(?![\w$])/,
];

export function modeFindings(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => path !== COMPOSITION_ROOT && !path.startsWith(COMMANDS))
    .flatMap((file) =>
      BRANCHES.flatMap((branch) =>
        findPattern(file, 'statements', branch, ([text]) => `branches on the mode: ${text}`),
      ),
    );
}
