import { test } from 'vitest';
import { openLong, partialClose, quantity } from '../../support/bodies.js';
import { aLiveWorld } from '../../support/live-world.js';
import { format } from '@strategy-runner/core';
test('x', async () => {
    const take_profit = [{ at: { abs: '50500' }, share_bps: 10_000 }];
    const world = await aLiveWorld({
      strategy: {
        0: openLong({ sizing_policy: quantity('0.2'), protection: { take_profit } }),
        1: partialClose({ qty: '0.1' }),
      },
      closes: [50_000, 50_000, 50_000, 50_600],
    });
    await world.bars(3);
  console.log(world.venue.truth.text().split('\n').filter(l=>l.includes('"kind":"request"')).slice(-14).map(l=>{const r=JSON.parse(l);return r.endpoint+' '+r.http+' '+(r.code??'')+' '+(r.params.type??'')+(r.params.quantity??'')}).join('\n'));
  for (const e of (await world.journal())) { const s=JSON.stringify(e, (_,v)=>typeof v==='bigint'?format(v as never):v); if (/order_moved|order_rejected|order_created|order_ended/.test(s.slice(0,40))) console.log(s.replaceAll(/BTC.USDT:USDT:buy-and-hold@/g,'').slice(0,230)); }
});
