// One WebSocket of a client: what it has subscribed to, and how frames leave it, faults included.
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { FaultBook, FaultRule } from './faults.js';
import type { StreamEvent } from './stream-event.js';
import { toJson } from './to-json.js';

type Payload = Readonly<Record<string, unknown>>;

const UNKNOWN = { x: 'EXECUTION_NOBODY_KNOWS', X: 'STATUS_NOBODY_KNOWS' };
const EXTRA = { zz: 'a field nobody knows', zy: { nested: [1] } };

/** Which half of the exchange a connection is of. */
export type Realm = 'futures' | 'spot';

export class StreamConnection {
  readonly streams = new Set<string>();
  readonly realm: Realm;
  /** Of spot: the account's events come here. */
  isSubscribed = false;
  readonly listenKey: string | undefined;
  readonly #socket: WebSocket;
  readonly #raw: Socket;
  readonly #faults: FaultBook;
  #held: { readonly text: string; readonly kind: 'reorder' | 'merge' } | undefined;
  #backlog: string[] | undefined;

  constructor(parts: {
    readonly socket: WebSocket;
    readonly raw: Socket;
    readonly faults: FaultBook;
    readonly listenKey: string | undefined;
    readonly realm: Realm;
  }) {
    this.realm = parts.realm;
    this.#socket = parts.socket;
    this.#raw = parts.raw;
    this.#faults = parts.faults;
    this.listenKey = parts.listenKey;
  }

  get isOfUser(): boolean {
    return this.listenKey !== undefined || this.isSubscribed;
  }

  /** An answer to what the client said; never faulted. */
  reply(value: object): void {
    this.#write(toJson(value));
  }

  push({ name, payload }: StreamEvent): void {
    const rule = this.#faults.take(`stream ${name}`)?.rule;
    const text = toJson(rule === undefined ? payload : altered(payload, rule));
    switch (rule?.kind) {
      case 'drop_frame':
        return;
      case 'delay_frame':
        setTimeout(() => this.#write(text), rule.ms ?? 0).unref();
        return;
      case 'duplicate':
        this.#send(text);
        return this.#send(text);
      case 'reorder':
      case 'merge':
        if (this.#held !== undefined) return this.#send(text);
        this.#held = { text, kind: rule.kind };
        return;
      default:
        this.#send(text);
    }
  }

  /** Neither reads nor writes until resumed; the connection stays open. */
  stall(): void {
    this.#backlog ??= [];
    this.#raw.pause();
  }

  resume(): void {
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    this.#raw.resume();
    for (const text of backlog) this.#write(text);
  }

  ping(): void {
    if (this.#backlog === undefined) this.#socket.ping();
  }

  /** 1006 cannot be said; it is what a client sees when nothing is said. */
  close(code: number): void {
    if (code === 1006) this.#socket.terminate();
    else this.#socket.close(code);
  }

  #send(text: string): void {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return this.#write(text);
    if (held.kind === 'reorder') {
      this.#write(text);
      return this.#write(held.text);
    }
    this.#raw.cork();
    this.#write(held.text);
    this.#write(text);
    this.#raw.uncork();
  }

  #write(text: string): void {
    if (this.#backlog !== undefined) this.#backlog.push(text);
    else if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(text);
  }
}

function altered(payload: Payload, rule: FaultRule): Payload {
  const { kind } = rule;
  const event = payload['event'];
  if (typeof event === 'object' && event !== null) {
    return { ...payload, event: altered(event as Payload, rule) };
  }
  if (kind === 'extra_fields') return { ...payload, ...EXTRA };
  if (kind !== 'unknown_enum') return payload;
  if (payload['e'] === 'executionReport') return { ...payload, ...UNKNOWN };
  const order = payload['o'];
  if (typeof order !== 'object') return { ...payload, e: 'EVENT_NOBODY_KNOWS' };
  return { ...payload, o: { ...order, ...UNKNOWN } };
}
