// What `--data` means: a file, or the name of a data set that ships with the product. A bundled
// name wins over a file of that name in the working folder; ./sample always means the file.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXIT, RunnerError } from '../errors.js';
import { quoted } from './data-error.js';

export interface ResolvedData {
  readonly path: string;
  /** The bundled data set's name; absent for a file of the user. */
  readonly dataset?: string;
}

// The same relative place from src/ and from dist/.
const DATA_FOLDER = new URL('../../data/', import.meta.url);

const BUNDLED: Readonly<Record<string, string>> = {
  sample: 'sample-btc-usdt-1h.csv',
};

export const BUNDLED_DATASETS: readonly string[] = Object.keys(BUNDLED);

export function resolveData(spec: string): ResolvedData {
  if (Object.hasOwn(BUNDLED, spec)) {
    const path = fileURLToPath(new URL(BUNDLED[spec] as string, DATA_FOLDER));
    return { path, dataset: spec };
  }
  if (spec !== '' && existsSync(spec)) return { path: spec };
  throw new RunnerError({
    code: 'FILE_NOT_FOUND',
    message: `${quoted(spec, 200)} is neither a file nor a bundled data set`,
    why: `Bundled: ${BUNDLED_DATASETS.join(', ')}`,
    next: 'check the path, or use --data sample',
    exitCode: EXIT.missingInput,
    context: { spec, bundled: BUNDLED_DATASETS },
  });
}
