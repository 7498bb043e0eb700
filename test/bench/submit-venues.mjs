// The exchanges of the submit-path bench, in a process of their own as a real one is: one for the
// session, one for the bare client. Stepped by messages of the parent, ends with it.
import { startVenue } from '../../adapters/dist/venue-server/start-venue.js';
import { HISTORY, MINUTE_MS, START_MS, SYMBOL } from './submit-world.mjs';

const clock = { now: () => Date.now() };

/** The price moves by a tick from bar to bar: quotes change, and nothing comes near a stop. */
function* bars() {
  for (let at = 0; ; at += 1) {
    const close = String(50_000 + (at % 2));
    const openMs = START_MS + at * MINUTE_MS;
    yield { openMs, open: close, high: close, low: close, close, volume: '100' };
  }
}

function aVenue() {
  const symbol = { symbol: SYMBOL, timeframeMs: MINUTE_MS, history: HISTORY, liquidity: '10' };
  return startVenue({ symbols: [{ ...symbol, bars: bars() }], cash: '100000', seed: 1, clock });
}

const venues = { host: await aVenue(), bare: await aVenue() };

const steps = {
  bar: () => venues.host.playback.playBar(),
  stop: async () => {
    await Promise.all([venues.host.stop(), venues.bare.stop()]);
    process.disconnect();
  },
};

process.on('message', (name) => void steps[name]());
process.on('disconnect', () => process.exit());
const shown = ({ url, identityKey, credentials }) => ({ url, identityKey, credentials });
process.send({ host: shown(venues.host), bare: shown(venues.bare) });
