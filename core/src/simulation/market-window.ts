// The last closed bars of one symbol, as far as costs depend on them. Simulation and telemetry read
// the same figures from it, so that a model is used on what it was fitted on.
import { VOLATILITY_BARS } from './slippage-model.js';

export class MarketWindow {
  readonly #closes: number[] = [];
  #volume = 0;

  push(close: number, volume: number): void {
    this.#closes.push(close);
    if (this.#closes.length > VOLATILITY_BARS + 1) this.#closes.shift();
    this.#volume = volume;
  }

  /** Root mean square of the close-to-close moves in bps; 0 until there are two bars. */
  get volatilityBps(): number {
    let squares = 0;
    for (let i = 1; i < this.#closes.length; i += 1) {
      const move = (this.#closes[i]! / this.#closes[i - 1]! - 1) * 10_000;
      squares += move * move;
    }
    const moves = this.#closes.length - 1;
    return moves < 1 ? 0 : Math.sqrt(squares / moves);
  }

  /** Of the last closed bar. */
  get volume(): number {
    return this.#volume;
  }
}
