// Takes secrets out of any text before it becomes an event, an error or a log line: the account's
// own, signatures, and listen keys, which open the user's stream to whoever has one.
import type { Credentials } from './credentials.js';

const HIDDEN = '[redacted]';
/** Shorter ones would take ordinary words out of a text. */
const SECRET_LENGTH_MIN = 4;
/** Listen keys live an hour: more than this many at once means that something else is wrong. */
const LEARNT_MAX = 64;

const NAME = 'signature|listenKey|listenToken|apiKey|api_key|secret|passphrase|password|token';
const HEADER = 'X-MBX-APIKEY|[\\w-]*-(?:API-?KEY|APIKEY|SIGN|SIGNATURE|PASSPHRASE)|Authorization';
const PATTERNS: readonly RegExp[] = [
  // signature=…, listenKey=… in a query or a form
  new RegExp(`\\b(${NAME})=[^&\\s"']+`, 'gi'),
  // "listenKey":"…"
  new RegExp(`("(?:${NAME}|${HEADER})"\\s*:\\s*)"[^"]*"`, 'gi'),
  new RegExp(`\\b(${HEADER}):\\s*[^\\s,;]+`, 'gi'),
];

export class Redactor {
  readonly #secrets = new Set<string>();
  readonly #learnt = new Set<string>();

  constructor(credentials: Credentials) {
    const { apiKey, secret, password } = credentials;
    for (const text of [apiKey, secret, password ?? '']) {
      if (text.length < SECRET_LENGTH_MIN) continue;
      this.#secrets.add(text).add(encodeURIComponent(text)).add(JSON.stringify(text).slice(1, -1));
    }
  }

  /** A secret that came into being only now, such as a listen key. */
  learn(secret: string): void {
    if (secret.length < SECRET_LENGTH_MIN) return;
    this.#learnt.add(secret);
    for (const oldest of this.#learnt) {
      if (this.#learnt.size <= LEARNT_MAX) break;
      this.#learnt.delete(oldest);
    }
  }

  /** Notes the listen keys of an answer, so that they are hidden wherever they turn up bare. */
  learnFrom(body: string): void {
    for (const [, key = ''] of body.matchAll(/"listen(?:Key|Token)"\s*:\s*"([^"]+)"/g)) {
      this.learn(key);
    }
  }

  text(text: string): string {
    let hidden = text;
    for (const secret of [...this.#secrets, ...this.#learnt]) {
      hidden = hidden.replaceAll(secret, HIDDEN);
    }
    hidden = hidden.replace(PATTERNS[0]!, `$1=${HIDDEN}`);
    hidden = hidden.replace(PATTERNS[1]!, `$1"${HIDDEN}"`);
    return hidden.replace(PATTERNS[2]!, `$1: ${HIDDEN}`);
  }
}
