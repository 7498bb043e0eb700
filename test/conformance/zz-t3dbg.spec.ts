import { test, vi } from 'vitest';
import { runFaultCase } from '../support/fault-session.js';
import { REQUEST_CASES } from '../support/fault-cases.js';
vi.setConfig({ testTimeout: 200_000 });
test.concurrent.each([['not_visible on readings', 1066], ['freeze on stops', 1062], ['drop_before on orders', 1001]] as const)('%s', async (name, seed) => {
  const c = REQUEST_CASES.find((each) => each.name === name)!;
  let s: any;
  const out: string[] = [];
  const v = await runFaultCase({ ...c, begin: async (x) => { s = x; out.push('BEGIN'); await c.begin?.(x); const t = setInterval(() => undefined, 1000); clearInterval(t); } , end: (x) => { const w = x.world; (globalThis as any)[seed] = w; out.push(`END met ${JSON.stringify(x.venue.faults.list().map((r: any) => [r.endpoint, r.met]))}`); c.end?.(x); } }, seed);
  for (const l of s.world.logs) { const o = JSON.parse(l); if (['connection','reconcile_plan','user_stream_lost','account_unread','alert'].includes(o.event)) out.push(`${o.time % 1000000} ${o.event} ${o.state ?? ''} ${o.attempt ?? ''} ${o.detail ?? o.msg}`); }
  console.log(name, seed, JSON.stringify(v), '\n' + out.slice(0, 120).join('\n'));
});
