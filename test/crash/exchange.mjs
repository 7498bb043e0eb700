// The local exchange as a process of its own, stepped by its admin port.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seeded } from './places.mjs';

export const BIN = fileURLToPath(new URL('../../adapters/bin/runner.js', import.meta.url));
export const SYMBOL = 'BTC/USDT:USDT';
const MINUTE_MS = 60_000;
const BARS = 5000;
const HISTORY = 50;
/** An hour before a funding. */
const START_MS = Date.UTC(2024, 0, 1, 6, 10);
/** What a quoted level holds, and what passes by in a tick, in BTC. */
const LIQUIDITY = '1';

function writeBars(path, seed) {
  const random = seeded(seed);
  const lines = ['timestamp,open,high,low,close,volume'];
  let price = 500_000;
  for (let i = 0; i < BARS; i += 1) {
    const way = [price];
    for (let step = 0; step < 6; step += 1) {
      // It comes back towards where it began, so that a long session stays where orders are legal.
      const pull = (500_000 - way.at(-1)) * 0.002;
      way.push(Math.round(way.at(-1) + pull + (random() - 0.5) * 1200));
    }
    price = way.at(-1);
    const tenths = [way[0], Math.max(...way), Math.min(...way), price];
    const prices = tenths.map((value) => (value / 10).toFixed(1));
    lines.push([new Date(START_MS + i * MINUTE_MS).toISOString(), ...prices, '50'].join(','));
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
}

export class Exchange {
  #process;
  #url;
  #credentials;

  get url() {
    return this.#url;
  }

  /** Keys as the session's process reads them. */
  get credentials() {
    return this.#credentials;
  }

  async start(folder, seed) {
    writeBars(join(folder, 'bars.csv'), seed);
    const args = ['venue', '--data', 'bars.csv', '--symbol', SYMBOL, '--speed', 'step', '--json'];
    const more = ['--history', String(HISTORY), '--cash', '1000000', '--seed', String(seed)];
    const child = spawn(process.execPath, [BIN, ...args, ...more], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = child;
    const said = await new Promise((resolve, reject) => {
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        if (text.includes('\n')) resolve(JSON.parse(text));
      });
      child.once('close', (code) => reject(new Error(`the exchange ended with ${code}`)));
    });
    this.#url = said.url;
    this.#credentials = { RUNNER_API_KEY: said.api_key, RUNNER_API_SECRET: said.secret };
    writeConfig(join(folder, 'config.json'), said);
    await this.post('/admin/liquidity', { symbol: SYMBOL, quantity: LIQUIDITY });
  }

  async stop() {
    if (this.#process === undefined) return;
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'close');
    this.#process.kill('SIGTERM');
    await ended;
  }

  async post(path, body) {
    const answer = await fetch(`${this.#url}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  /** Answers the close of the last closed bar. */
  async step({ ticks }) {
    const { time_ms, is_done } = await this.post('/admin/step', { ticks });
    if (is_done) throw new Error('the exchange has no more bars');
    return Math.floor(time_ms / MINUTE_MS) * MINUTE_MS;
  }

  silence(endpoint) {
    return this.post('/admin/faults', { endpoint, kind: 'silent_before' });
  }

  async speakAgain() {
    await fetch(`${this.#url}/admin/faults`, { method: 'DELETE' });
  }

  async fund(random) {
    const rate = ((random() - 0.5) * 0.002).toFixed(6);
    await this.post('/admin/funding', { symbol: SYMBOL, rate });
  }

  async truth() {
    const text = await (await fetch(`${this.#url}/admin/truth`)).text();
    // Order ids exceed 2^53.
    return JSON.parse(text.replaceAll(/(":\s*)(\d{16,})(?=\s*[,}\]])/g, '$1"$2"'));
  }

  async requests() {
    const text = await (await fetch(`${this.#url}/admin/log`)).text();
    const rows = text.split('\n').filter((line) => line.includes('"kind":"request"'));
    return rows.map((line) => JSON.parse(line));
  }
}

function writeConfig(path, { url, stream_url, identity_key }) {
  const account = {
    exchange: 'binanceusdm',
    rest_url: url,
    stream_url,
    identity_key,
    call_deadline_ms: 4000,
    // As short as proof of absence allows: five seconds.
    recv_window_ms: 4000,
    reconcile_interval_ms: 20_000,
  };
  writeFileSync(path, JSON.stringify({ accounts: { local: account } }), { mode: 0o600 });
}
