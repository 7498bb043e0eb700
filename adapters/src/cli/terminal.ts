// Questions to the person at the terminal, on stderr: stdout is the result.
import { createInterface } from 'node:readline';
import type { Terminal } from '../safety/confirm-account.js';

export function processTerminal(): Terminal {
  return {
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    ask: (question) =>
      new Promise((resolve) => {
        const lines = createInterface({ input: process.stdin, output: process.stderr });
        lines.once('close', () => resolve(undefined));
        lines.question(question, (answer) => {
          resolve(answer);
          lines.close();
        });
      }),
  };
}
