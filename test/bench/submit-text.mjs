// The submit path's figures as a page of text.

const ms = (value) => `${value.toFixed(value < 100 ? 2 : 0)} ms`.padStart(11);

export function submitText({ load_1m: load, submit, close_in_queue: queue }) {
  const row = (name, { p50_ms: p50, p95_ms: p95, p99_ms: p99 }) =>
    `  ${name.padEnd(38)}${ms(p50)}${ms(p95)}${ms(p99)}`;
  const slowest = (name, { p50_ms: p50, max_ms: max }) =>
    `  ${name.padEnd(38)}${ms(p50)}${ms(max)}`;
  const lines = [
    `submit path, load ${load.toFixed(2)}, ${submit.host.count} orders`.padEnd(40) +
      ['p50', 'p95', 'p99'].map((name) => name.padStart(11)).join(''),
    row('bar taken to bytes leaving', submit.host),
    row('  entries', submit.host_entry),
    row('  closes', submit.host_close),
    row('  of it commits to disk', submit.commit),
    row('ccxt alone, call to bytes leaving', submit.bare),
    row('the host over ccxt', submit.overhead),
    `a close behind ${queue.entries} entries, to its bytes`.padEnd(40) +
      ['p50', 'slowest'].map((name) => name.padStart(11)).join(''),
    slowest('ccxt alone, its own rate limiter', queue.bare),
    slowest('this client, queued as an entry', queue.normal),
    slowest('this client, its urgent lane', queue.urgent),
  ];
  return `${lines.join('\n')}\n`;
}
