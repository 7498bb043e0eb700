// The `runner` command: argv in, exit status out. The only place that ends the process.
import { writeSync } from 'node:fs';
import { exitCodeOf, formatError } from '../errors.js';
import { bookStrayFault } from '../plugin-runtime/stray-faults.js';
import { parseAndRun } from './args.js';
import { loadEnvFile } from './load-env-file.js';

// A reader that has seen enough (`| head`) is not an error. A run whose supervisor is gone still
// has its session to close.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (process.send === undefined) process.exit();
});

// What nobody caught ends the run in one line as well, unless a plugin left it behind. A session
// that it cuts off is resumed like one that crashed.
process.on('uncaughtException', (error) => {
  if (bookStrayFault(error)) return;
  writeSync(2, `${formatError(error)}\n`);
  process.exit(exitCodeOf(error));
});

try {
  await loadEnvFile();
  process.exitCode = await parseAndRun(process.argv.slice(2));
} catch (error) {
  writeSync(2, `${formatError(error)}\n`);
  process.exitCode = exitCodeOf(error);
}
