// The parameters of a request, read as the exchange reads them: what is missing or malformed is
// refused by name.
import { type Amount, ZERO, amount } from './amount.js';
import { missingParameter } from './venue-reject.js';

export class Params {
  readonly #values: URLSearchParams;

  constructor(text: string) {
    this.#values = new URLSearchParams(text);
  }

  get(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === null || value === '' ? undefined : value;
  }

  need(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw missingParameter(name);
    return value;
  }

  amount(name: string): Amount {
    const value = this.need(name);
    if (!/^-?\d+(?:\.\d+)?$/.test(value)) throw missingParameter(name);
    return amount(value);
  }

  amountOrZero(name: string): Amount {
    return this.get(name) === undefined ? ZERO : this.amount(name);
  }

  integer(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,15}$/.test(value)) throw missingParameter(name);
    return Number(value);
  }

  flag(name: string): boolean {
    return this.get(name)?.toLowerCase() === 'true';
  }

  /** For the log: all but what proves who sent it. */
  record(): Readonly<Record<string, string>> {
    const shown = [...this.#values].filter(
      ([name]) => name !== 'signature' && name !== 'listenKey',
    );
    return Object.fromEntries(shown);
  }
}
