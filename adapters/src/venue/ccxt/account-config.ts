// How an exchange account is reached: addresses and behaviour, never a key.
export interface AccountConfig {
  /** ccxt id, `binanceusdm`. */
  readonly exchange: string;
  /** Base addresses; omitted = the exchange's own. */
  readonly rest_url?: string;
  readonly stream_url?: string;
  /** What the local exchange printed at its start; with it the venue can prove to be one. */
  readonly identity_key?: string;
  /** The addresses are those of a test network: no real money. */
  readonly test_network?: boolean;
  /** Hosts that it may reach; omitted = those of its addresses. */
  readonly allowed_hosts?: readonly string[];
  /** Longest wait for any answer, wall ms. */
  readonly call_deadline_ms: number;
  /** How old a request may be at the exchange, ms. */
  readonly recv_window_ms: number;
  /** Between two comparisons of ledger and venue, wall ms. */
  readonly reconcile_interval_ms: number;
  readonly margin_mode?: 'cross' | 'isolated';
  /** Outage after which the kill switch goes up, wall ms; null = never. */
  readonly outage_kill_after_ms: number | null;
  /** When a connection that does not hold is an alert; omitted fields have their defaults. */
  readonly alert_reconnects?: Partial<ReconnectLimits>;
  /** A lock that other machines see too; omitted = the one of this machine only. */
  readonly lock?: AccountLockConfig;
}

export interface AccountLockConfig {
  /** Name of the environment variable or systemd credential that holds the address. */
  readonly postgres_url_env: string;
  /** How long it may be unproven before the session ends, wall ms. */
  readonly lost_after_ms?: number;
}

export interface ReconnectLimits {
  /** So many losses … */
  readonly count: number;
  /** … within this time, wall ms. */
  readonly within_ms: number;
  /** Or one time without a ready connection of this length, wall ms; null = any. */
  readonly outage_ms: number | null;
}
