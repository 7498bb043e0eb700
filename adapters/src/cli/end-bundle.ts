// The bundle of a session that nothing runs any more: its run has ended, or a kill found none. It
// never changes how the command ends: what keeps it from being written is told, and so is the
// command that writes one later.
import type { Clock } from '@strategy-runner/core';
import { makeBundle } from '../api/bundle.js';
import { keepBundle } from '../api/kept-bundles.js';
import { formatError } from '../errors.js';
import { type SessionFolder, readSessionFolder } from '../store/session-folder.js';
import { secretsOf } from './known-secrets.js';

export interface EndBundleOptions {
  readonly folder: Pick<SessionFolder, 'path'>;
  readonly clock: Clock;
  /** Wall ms after which it is given up. */
  readonly withinMs: number;
  /** Somebody does not want to wait for it. */
  readonly signal?: AbortSignal;
}

export type EndBundle =
  { readonly path: string } | { readonly path: null; readonly why: string; readonly next: string };

export async function writeEndBundle(options: EndBundleOptions): Promise<EndBundle> {
  const { folder, clock, withinMs } = options;
  const late = AbortSignal.timeout(withinMs);
  const signal = AbortSignal.any([late, ...(options.signal === undefined ? [] : [options.signal])]);
  try {
    const path = await keepBundle({
      folder,
      nowMs: clock.now(),
      pack: async (place) => {
        signal.throwIfAborted();
        const session = await readSessionFolder(folder.path);
        const secrets = secretsOf(process.env);
        const what = { ...place, folder: session, hasPlugin: true, secrets };
        await makeBundle({ ...what, signal, findWithinMs: Math.floor(withinMs / 3) });
      },
    });
    return { path };
  } catch (error) {
    const why = late.aborted
      ? `it was not done within ${withinMs / 1000} s`
      : options.signal?.aborted === true
        ? 'somebody asked once more to stop'
        : formatError(error);
    return { path: null, why, next: `runner bundle ${folder.path}` };
  }
}
