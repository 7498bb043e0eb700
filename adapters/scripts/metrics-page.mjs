// Writes docs/METRICS.md from the built table: node adapters/scripts/metrics-page.mjs
import { writeFile } from 'node:fs/promises';
import { metricsPage } from '../dist/metrics/metrics-page.js';

await writeFile(new URL('../../docs/METRICS.md', import.meta.url), metricsPage());
