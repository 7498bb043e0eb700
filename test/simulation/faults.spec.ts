import { expect, test } from 'vitest';
import { simulate } from './world/simulate.js';

test('probe', async () => {
  const calm = await simulate({ seed: 1, isFaulty: false });
  console.log(calm.coverage, calm.boundaries, calm.contents.rows.length);
  const names = new Map<string, number>();
  const sum: Record<string, number> = {};
  const t = Date.now();
  for (let seed = 1; seed <= 150; seed += 1) {
    try {
      const crashAt = Array.from({ length: seed % 7 }, (_, i) => 11 + i * (37 + seed) + seed);
      const r = await simulate({ seed, crashAt });
      for (const k of Object.keys(r.coverage) as (keyof typeof r.coverage)[])
        sum[k] = (sum[k] ?? 0) + r.coverage[k];
      for (const c of r.crashes) sum[c] = (sum[c] ?? 0) + 1;
      names.set('ok', (names.get('ok') ?? 0) + 1);
      if (seed < 4) console.log(r.coverage, r.boundaries, r.contents.rows.length);
    } catch (e) {
      const m = (e as Error).message;
      const name = m.split(':')[0]!;
      if (!names.has(name)) console.log((e as Error).stack?.slice(0, 900));
      names.set(name, (names.get(name) ?? 0) + 1);
      console.log(m.slice(0, 300));
    }
  }
  console.log(names, sum, Date.now() - t);
  expect(1).toBe(1);
});
