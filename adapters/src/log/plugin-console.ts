// Takes the global console away from stdout for the time of a run. Plugins are to use ctx.log; one
// that prints with console.log must not break the document there.
import { Console } from 'node:console';
import { Writable } from 'node:stream';

/** Gives each text that is printed to `write`; answers the function that puts the console back. */
export function divertConsole(write: (text: string) => void): () => void {
  const before = globalThis.console;
  const lines = new Writable({
    decodeStrings: false,
    write(chunk: unknown, _encoding, done) {
      write(String(chunk).replace(/\n$/, ''));
      done();
    },
  });
  globalThis.console = new Console({ stdout: lines, stderr: lines, colorMode: false });
  return () => {
    globalThis.console = before;
  };
}
