import { test } from 'vitest';
import { openLong, dca, quantity } from '../../support/bodies.js';
import { aLiveWorld } from '../../support/live-world.js';
const T=quantity('0.1');
test('x', async () => {
  const world = await aLiveWorld({ strategy: { 0: openLong({ sizing_policy: T }), 1: dca(1,{sizing_policy:T}) } });
  await world.bars();
    const everything = ['GET /fapi/*', 'POST /fapi/*', 'PUT /fapi/*', 'DELETE /fapi/*'];
    for (const endpoint of everything) {
      world.venue.faults.add({ kind:'reject',http:401,code:-2015, endpoint, times: 0 });
    }
    world.venue.playback.playBar();
    await world.until(() => !world.run.isReady);
    await new Promise((r)=>setTimeout(r,500));
    world.venue.faults.remove();
  try { await world.until(() => world.run.isReady, 8000); } catch(e) { console.log('NOT'); }
  const t0 = JSON.parse(world.logs[0]!).time;
  for (const l of world.logs) { const o = JSON.parse(l); console.log(o.time - t0, o.event, o.msg, o.state ?? '', o.detail ?? '', o.call ?? ''); }
  for (const e of (await world.journal()).slice(-60)) if ('kind' in e && (e.kind as string)==='api_error') console.log(JSON.stringify(e));
  console.log(world.venue.truth.text().split('\n').filter(l=>l.includes('"kind":"request"')).slice(-30).map(l=>{const r=JSON.parse(l);return r.endpoint+' '+r.http+' '+(r.code??'')}).join('\n'));
});
