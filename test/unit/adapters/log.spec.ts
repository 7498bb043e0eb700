import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const LOG = pathToFileURL(resolve('adapters/dist/log/log.js')).href;
const CONTEXT = {
  session: 's-1',
  symbol: 'BTC/USDT:USDT',
  strategy: 'sma-cross',
  exchange: 'sim',
  frame: '1h',
};

function logged(code: string): readonly Record<string, unknown>[] {
  const script = `import { createLog, pluginLog } from ${JSON.stringify(LOG)};
    const log = createLog('info', ${JSON.stringify(CONTEXT)});
    ${code}`;
  const shell = `"${process.execPath}" --input-type=module 2>&1 >/dev/null`;
  const out = execFileSync('sh', ['-c', shell], { input: script, encoding: 'utf8' });
  return out
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('[L23] every line carries session, symbol, strategy, exchange and frame', () => {
  const lines = logged(`log.info({ event: 'cold_start' });
    pluginLog(log)('BTC/USDT:USDT:sma-cross', 'hello', { level_price: 5 });`);
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).toMatchObject(CONTEXT);
  expect(lines.map(({ event }) => event)).toEqual(['cold_start', 'plugin']);
});

test('a secret is never written', () => {
  const [line] = logged(`log.info({ event: 'x', apiKey: 'A1', account: { secret: 'B2' } });`);
  expect(JSON.stringify(line)).not.toMatch(/A1|B2/);
});
