// Client order ids: a function of session and order key alone, so that a retry, a reconnect or a
// restart names the same order. 30 characters of an alphabet that every venue takes.
import { createHash } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
/** Of every id of this host, whatever the session. */
export const OUR_PREFIX = 'sr';
const SESSION_LENGTH = 6;
const KEY_LENGTH = 22;

export class ClientOrderIds {
  readonly #sessionId: string;
  readonly #prefix: string;

  constructor(sessionId: string) {
    this.#sessionId = sessionId;
    this.#prefix = OUR_PREFIX + base32(sessionId, SESSION_LENGTH);
  }

  /** `key` is the engine's `<intent id>/<leg>/<attempt>`. */
  of(key: string): string {
    return this.#prefix + base32(`${this.#sessionId}\n${key}`, KEY_LENGTH);
  }

  /** Whether an id was made by this session. */
  isOfSession(clientOrderId: string): boolean {
    return (
      clientOrderId.startsWith(this.#prefix) &&
      clientOrderId.length === this.#prefix.length + KEY_LENGTH
    );
  }
}

function base32(text: string, length: number): string {
  const bytes = createHash('sha256').update(text).digest();
  let out = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5 && out.length < length) {
      bits -= 5;
      out += ALPHABET[(held >> bits) & 31];
    }
  }
  return out;
}
