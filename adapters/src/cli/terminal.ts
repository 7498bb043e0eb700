// Questions to the person at the terminal, on stderr: stdout is the result.
import { createInterface } from 'node:readline';
import type { Terminal } from '../safety/confirm-account.js';

export function processTerminal(): Terminal {
  return terminalOn(process.stdin, process.stderr);
}

export function terminalOn(
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
  output: NodeJS.WritableStream & { readonly isTTY?: boolean },
): Terminal {
  return {
    isInteractive: input.isTTY === true && output.isTTY === true,
    ask: (question) =>
      new Promise((resolve) => {
        const lines = createInterface({ input, output });
        lines.once('close', () => resolve(undefined));
        // Ctrl-C ends the question like an input that ends.
        lines.once('SIGINT', () => lines.close());
        lines.question(question, (answer) => {
          resolve(answer);
          lines.close();
        });
      }),
  };
}
