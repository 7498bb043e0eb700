// Writes docs/VENUES.md from the built capabilities: node adapters/scripts/venues-page.mjs
import { writeFile } from 'node:fs/promises';
import { venuesPage } from '../dist/venue/ccxt/venues-page.js';

await writeFile(new URL('../../docs/VENUES.md', import.meta.url), venuesPage());
