// The host's own version, as package.json says it; sessions and reports carry it.
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

export const HOST_VERSION: string = manifest.version;
