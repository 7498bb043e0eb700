import { test } from 'vitest';
import { simulate } from './world/simulate.js';
test('dbg', async () => {
  const seed = Number(process.env['SEED']);
  const crashAt = (process.env['CRASH'] ?? '').split(',').filter(Boolean).map(Number);
  try {
    await simulate({ seed, crashAt, debug: true } as never);
  } catch (e) {
    const m = e as Error & { rows?: { class: string; payload: string }[] };
    console.log(m.message);
    const N = Number(process.env['N'] ?? 60);
    for (const r of (m.rows ?? []).slice(-N))
      console.log(
        r.class[0],
        r.payload.replaceAll('BTC/USDT:USDT:sample@bar:1m:170406', '').slice(0, 420),
      );
  }
});
