// The list of hosts that may be spoken to. Asked before every request and every socket; what is not
// on it is refused and nothing leaves. Redirects are never followed by anything behind it.
import { EXIT, RunnerError } from '../../errors.js';

export interface OutboundRules {
  /** Exact host names; `*.example.com` stands for any below it. */
  readonly hosts: readonly string[];
  /** Nothing but this machine, whatever `hosts` says: the venue claims to be the local exchange. */
  readonly isLoopbackOnly: boolean;
}

export class OutboundGuard {
  readonly #rules: OutboundRules;

  constructor(rules: OutboundRules) {
    this.#rules = rules;
  }

  isAllowed(url: string): boolean {
    const host = hostOf(url);
    if (host === undefined) return false;
    if (this.#rules.isLoopbackOnly) return isLoopback(host);
    return this.#rules.hosts.some((allowed) => matches(allowed.toLowerCase(), host));
  }

  /** Errors: OUTBOUND_REFUSED. The address is told without its query, which holds a signature. */
  check(url: string): void {
    if (this.isAllowed(url)) return;
    const host = hostOf(url) ?? 'no known host';
    throw new RunnerError({
      code: 'OUTBOUND_REFUSED',
      message: `a request to ${host} was refused before it left`,
      why: this.#rules.isLoopbackOnly
        ? 'The account names the identity key of a local exchange: only this machine is allowed.'
        : `Allowed: ${this.#rules.hosts.join(', ') || 'no host'}.`,
      next: `add ${host} to allowed_hosts of the account if it belongs to the exchange`,
      exitCode: EXIT.refused,
      context: { host },
    });
  }
}

/** Literal loopback addresses and the name that every resolver must keep on this machine. */
export function isLoopback(host: string): boolean {
  return /^127(?:\.\d{1,3}){3}$/.test(host) || host === '[::1]' || host === 'localhost';
}

export function hostOf(url: string): string | undefined {
  if (!/^(?:https?|wss?):\/\//i.test(url)) return undefined;
  try {
    return new URL(url).hostname.toLowerCase();
  } catch {
    return undefined;
  }
}

function matches(allowed: string, host: string): boolean {
  return allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) : host === allowed;
}
