// The coins of the spot account, free and locked by open orders. Neither is ever negative.
import { type Amount, ZERO } from './amount.js';

interface Coin {
  free: Amount;
  locked: Amount;
}

export class SpotWallet {
  readonly #coins = new Map<string, Coin>();

  free(asset: string): Amount {
    return this.#coins.get(asset)?.free ?? ZERO;
  }

  locked(asset: string): Amount {
    return this.#coins.get(asset)?.locked ?? ZERO;
  }

  assets(): readonly string[] {
    return [...this.#coins.keys()].toSorted();
  }

  /** Negative = taken. Errors: RangeError when there is less than that. */
  add(asset: string, change: Amount): void {
    const coin = this.#coin(asset);
    const free = coin.free.plus(change);
    if (free.isNegative() && !free.isZero()) {
      throw new RangeError(`the wallet holds ${coin.free.toFixed()} ${asset}, not enough`);
    }
    coin.free = free;
  }

  lock(asset: string, quantity: Amount): void {
    this.add(asset, quantity.neg());
    const coin = this.#coin(asset);
    coin.locked = coin.locked.plus(quantity);
  }

  unlock(asset: string, quantity: Amount): void {
    const coin = this.#coin(asset);
    coin.locked = coin.locked.minus(quantity);
    this.add(asset, quantity);
  }

  #coin(asset: string): Coin {
    const known = this.#coins.get(asset);
    if (known !== undefined) return known;
    const coin = { free: ZERO, locked: ZERO };
    this.#coins.set(asset, coin);
    return coin;
  }
}
