// One exchange and one session that is killed again and again. After each kill the same command is
// started anew and everything is checked before the next one.
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { failing, problemsOf } from './checks.mjs';
import { missOf, sessionIdOf } from './evidence.mjs';
import { Exchange } from './exchange.mjs';
import { RECOVERING, SILENT_ENDPOINT, seeded } from './places.mjs';
import { Session } from './session.mjs';

const TICKS_PER_BAR = 4;
/** Steps until a place must have come by: several rounds of the strategy. */
const STEPS_MAX = 240;
const MISSES_MAX = 4;
const MISSED_BARS_MAX = 8;

export class CrashWorld {
  folder;
  exchange;
  session;
  #random;
  #barMs = 0;
  #isRested = false;

  async begin(root, { number, seed }) {
    this.folder = join(root, `world-${number}`);
    mkdirSync(this.folder);
    this.#random = seeded(seed);
    this.exchange = new Exchange();
    await this.exchange.start(this.folder, seed);
    this.#startSession();
    await this.session.ready();
  }

  /** Kills it once, where it is wanted. Answers what was found. */
  async kill(wanted) {
    const tries = [];
    for (let attempt = 0; attempt <= MISSES_MAX; attempt += 1) {
      const { miss, hit } = await this.#killOnce(wanted);
      const recovered = await this.#comeBack(wanted);
      const problems = await problemsOf(this);
      tries.push({ miss, hit });
      const isOver = miss === null || problems.length > 0;
      if (isOver) return { tries, problems, ...recovered };
    }
    return { tries, problems: ['the place was never hit'], again: 0 };
  }

  async #killOnce({ place, variant, isByTick }) {
    const requestsBefore = (await this.exchange.requests()).length;
    const silentEndpoint = variant === 'not executed' ? SILENT_ENDPOINT[place] : null;
    if (silentEndpoint !== null) await this.exchange.silence(silentEndpoint);
    await this.session.arm({ place, variant, silentEndpoint });
    let missedBars = 0;
    for (let step = 0; step < STEPS_MAX && !this.session.isDead; step += 1) {
      this.#barMs = await this.exchange.step({ ticks: isByTick ? 1 : TICKS_PER_BAR });
      missedBars = (await this.session.calm(this.#barMs)) ? 0 : missedBars + 1;
      if (missedBars > MISSED_BARS_MAX) throw new Error('the session takes no bars');
    }
    if (!this.session.isDead) throw new Error(`${place} (${variant}) does not come by`);
    const { status, signal, hit } = await this.session.death();
    await this.exchange.speakAgain();
    if (signal !== 'SIGKILL') throw new Error(`the session ended by itself with ${status}`);
    const miss = await missOf({ place, variant }, hit, {
      folder: this.folder,
      exchange: this.exchange,
      requestsBefore,
    });
    return { miss, hit };
  }

  /** Time goes on without it; then it comes back, now and then killed once more on its way. */
  async #comeBack({ down, again }) {
    if (down.ticks > 0) this.#barMs = await this.exchange.step({ ticks: down.ticks });
    if (down.funding) await this.exchange.fund(this.#random);
    const armed = again === null ? null : { place: RECOVERING, nth: again.nth };
    this.#startSession(armed);
    await this.session.ready();
    if (armed === null || !this.session.isDead) return { again: 0 };
    const { hit } = await this.session.death();
    const { folder, exchange } = this;
    const miss = await missOf(armed, hit, { folder, exchange, requestsBefore: 0 });
    this.#startSession();
    await this.session.ready();
    return { again: miss === null ? 1 : 0 };
  }

  /** Market time goes on by a quarter of a bar. */
  async tick() {
    this.#barMs = await this.exchange.step({ ticks: 1 });
    await this.session.calm(this.#barMs);
  }

  #startSession(armed = null) {
    const { credentials } = this.exchange;
    this.session = new Session(this.folder, { credentials, armed });
  }

  /** Ends the session as an operator does, and holds everything against each other once more. */
  async end() {
    const { status } = await this.session.stop();
    const stopped = status === 0 ? [] : [`the session ended with ${status} when it was stopped`];
    const id = sessionIdOf(this.folder);
    const diff = ['venue', 'diff', '--session', id, '--truth', this.exchange.url];
    this.#isRested = true;
    return [
      ...stopped,
      ...(await failing(this.folder, diff)),
      ...(await failing(this.folder, ['journal', 'verify', id])),
      ...(await failing(this.folder, ['replay', id])),
    ];
  }

  async close() {
    if (!this.#isRested) await this.session?.kill();
    await this.exchange?.stop();
  }
}
