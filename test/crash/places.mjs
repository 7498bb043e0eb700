// The places where a session is killed, and the variants of each. A place is a moment between two
// things that the session does; the preload (crash-at.mjs) hits it exactly, and evidence.mjs shows
// from both sides that it was hit.

/** Six places that a run must all hit. */
export const PLACES = {
  'before commit': ['order', 'cancel', 'fill'],
  'committed and unsent': ['order', 'cancel', 'at the wire'],
  'sent and unacknowledged': ['executed', 'not executed'],
  'partly filled': ['fill uncommitted', 'fill committed'],
  'cancel in flight': ['executed', 'not executed'],
  'protection being replaced': ['new unsent', 'new unanswered', 'old resting', 'old unanswered'],
};

export const PLACE_NAMES = Object.keys(PLACES);

/** Between the start and the account being read; it follows some of the kills above. */
export const RECOVERING = 'while recovering';

/** Requests that the exchange leaves unanswered and unexecuted, by place. */
export const SILENT_ENDPOINT = {
  'sent and unacknowledged': 'POST /fapi/v1/order',
  'cancel in flight': 'DELETE /fapi/v1/order',
};

/** A linear congruential generator: small, and the same on every machine. */
export function seeded(seed) {
  let state = (Math.imul(seed + 1, 2_654_435_761) ^ 0x5bd1_e995) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Worlds of a few kills each: an exchange, a session, and kill after kill of that session. Every
 * six kills in a row have each place once, in an order of the seed.
 */
export function planOf({ kills, seed, killsPerWorld }) {
  const random = seeded(seed);
  const planned = [];
  for (let round = 0; planned.length < kills; round += 1) {
    const places = shuffled(PLACE_NAMES, random).slice(0, kills - planned.length);
    for (const place of places) {
      const variants = PLACES[place];
      planned.push({
        n: planned.length + 1,
        place,
        variant: variants[round % variants.length],
        // A tick is a quarter of a bar: fills come one by one.
        isByTick: place === 'partly filled' || random() < 0.3,
        down: downOf(random),
        again: random() < 0.15 ? { nth: 1 + Math.floor(random() * 10) } : null,
      });
    }
  }
  const worlds = [];
  for (let first = 0; first < planned.length; first += killsPerWorld) {
    const number = worlds.length + 1;
    worlds.push({
      number,
      seed: seed * 1000 + number,
      kills: planned.slice(first, first + killsPerWorld),
    });
  }
  return worlds;
}

/** What happens at the exchange while the session is down; often nothing. */
function downOf(random) {
  const draw = random();
  if (draw < 0.5) return { ticks: 0, funding: false };
  return { ticks: 1 + Math.floor(random() * 12), funding: draw > 0.85 };
}

function shuffled(items, random) {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
