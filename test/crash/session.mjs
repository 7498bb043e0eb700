// The session under test as a process of its own: started again and again by the same command, each
// time with the preload that can kill it.
import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BIN, SYMBOL } from './exchange.mjs';

const PRELOAD = new URL('crash-at.mjs', import.meta.url).href;
const STRATEGY = fileURLToPath(new URL('strategy.mjs', import.meta.url));
/** Nothing has been heard from it for so long: it has done what it had to do. */
const CALM_MS = 60;
/** Restarts use up what the exchange allows in a minute, and then it waits for the next one. */
const LIMIT_MS = 150_000;
/** Where time is stepped by hand nothing but the next bar shows that one was missed. */
const BAR_LIMIT_MS = 4000;

export class Session {
  #folder;
  #process;
  #ended;
  #saidMs = 0;
  #barMs = 0;
  #inFlight = 0;
  #isReady = false;
  #isArmed = false;

  /** `armed`: a place at which it is to die before it is ready. */
  constructor(folder, { credentials, armed = null }) {
    this.#folder = folder;
    rmSync(this.#hitFile, { force: true });
    const log = join(folder, 'runner.log');
    appendFileSync(log, `--- ${JSON.stringify(armed)}\n`);
    const fd = openSync(log, 'a');
    const { RUNNER_SESSIONS: _ignored, ...env } = process.env;
    const args = ['live', '--strategy', STRATEGY, '--exchange', 'binanceusdm', '--config'];
    const more = ['config.json', '--mode', 'live', '--symbol', SYMBOL, '--timeframe', '1m'];
    this.#process = spawn(process.execPath, ['--import', PRELOAD, BIN, ...args, ...more], {
      cwd: folder,
      env: {
        ...env,
        ...credentials,
        XDG_STATE_HOME: join(folder, 'state'),
        CRASH_HIT_FILE: this.#hitFile,
        CRASH_AT: JSON.stringify(armed),
      },
      stdio: ['ignore', fd, fd, 'ipc'],
    });
    closeSync(fd);
    this.#process.on('message', (message) => this.#hear(message));
    this.#ended = new Promise((resolve) => {
      this.#process.once('close', (status, signal) => resolve({ status, signal }));
    });
  }

  get #hitFile() {
    return join(this.#folder, 'hit.json');
  }

  get isDead() {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  #hear({ barMs, isReady, inFlight, armed }) {
    this.#saidMs = Date.now();
    this.#inFlight = inFlight;
    if (barMs) this.#barMs = barMs;
    if (isReady) this.#isReady = true;
    if (armed) this.#isArmed = true;
  }

  /** From now on it dies at this place; null takes it back. */
  async arm(place) {
    this.#isArmed = false;
    // One that has ended by itself hears nothing: what waits for it finds it dead.
    this.#process.send(place, () => undefined);
    await this.#until(() => this.#isArmed);
  }

  /** Until the account has been read, or it is dead. */
  async ready() {
    await this.#until(() => this.#isReady);
  }

  /**
   * Until it has taken in the bar that closed then and is calm, or is dead. False: its message was
   * missed, as happens right after a start; the next bar shows it.
   */
  async calm(barMs) {
    const endMs = Date.now() + BAR_LIMIT_MS;
    await this.#until(() => this.#isCalm() && (this.#barMs >= barMs || Date.now() > endMs));
    return this.isDead || this.#barMs >= barMs;
  }

  #isCalm() {
    return this.#inFlight === 0 && Date.now() - this.#saidMs > CALM_MS;
  }

  async #until(isTrue) {
    const endMs = Date.now() + LIMIT_MS;
    while (!this.isDead && !isTrue()) {
      if (Date.now() > endMs) throw new Error(`the session hangs: ${isTrue}`);
      await sleep(5);
    }
  }

  /** How it ended, and what the preload wrote in its last moment; null where it ended otherwise. */
  async death() {
    const { status, signal } = await this.#ended;
    const hit = existsSync(this.#hitFile) ? JSON.parse(readFileSync(this.#hitFile, 'utf8')) : null;
    return { status, signal, hit };
  }

  async stop() {
    this.#process.kill('SIGTERM');
    return this.#ended;
  }

  /** For the end of a failed run: nothing of it is looked at. */
  async kill() {
    if (!this.isDead) this.#process.kill('SIGKILL');
    await this.#ended;
  }
}
