// JSON Schema of the config file. Closed objects: a misspelt setting is an error that names itself.
import { BLACKOUT_PROPERTIES } from './blackout-schema.js';

const decimal = (description: string) => ({
  title: 'a decimal in quotes, such as "10.5"',
  type: 'string',
  pattern: '^[0-9]{1,18}(\\.[0-9]{1,18})?$',
  description,
});
// What is divided by, or rounded to, cannot be zero.
const positive = (description: string) => ({
  ...decimal(description),
  title: 'a decimal above 0 in quotes, such as "0.1"',
  pattern: '^(?!0+(\\.0+)?$)[0-9]{1,18}(\\.[0-9]{1,18})?$',
});
const decimalOrNull = (description: string) => ({
  ...decimal(description),
  title: 'a decimal in quotes, such as "10.5", or null',
  type: ['string', 'null'],
});
const whole = (minimum: number, description: string) => ({ type: 'integer', minimum, description });
const flag = (description: string) => ({ type: 'boolean', description });
const text = (description: string) => ({ type: 'string', minLength: 1, description });
const closed = (properties: Record<string, unknown>) => ({
  type: 'object',
  additionalProperties: false,
  properties,
});

const url = (description: string) => ({
  title: 'an address such as "http://127.0.0.1:8080"',
  type: 'string',
  pattern: '^(https?|wss?)://[^\\s]+$',
  description,
});

const LOCK = {
  ...closed({
    postgres_url_env: {
      title: 'the name of an environment variable, never the address itself',
      type: 'string',
      pattern: '^[A-Za-z_][A-Za-z0-9_.-]{0,63}$',
      description: 'Environment variable or systemd credential that holds the Postgres address.',
    },
    lost_after_ms: whole(10_000, 'How long the lock may be unproven before the session ends, ms.'),
  }),
  required: ['postgres_url_env'],
  description: 'A lock in Postgres, for an account that several machines may run.',
};

// Addresses and behaviour only: keys and secrets come from the environment, never from a file that
// is copied, hashed into a session or shown in an error.
const ACCOUNT = {
  ...closed({
    exchange: { type: 'string', pattern: '^[a-z0-9]{2,40}$', description: 'ccxt id.' },
    rest_url: url('Base address of the requests; default: the exchange\u2019s own.'),
    stream_url: url('Base address of the streams; default: the exchange\u2019s own.'),
    identity_key: { type: 'string', description: 'Identity key that the local exchange printed.' },
    test_network: flag('The addresses are those of a test network: no real money.'),
    allowed_hosts: { type: 'array', items: { type: 'string' }, description: 'Hosts it may reach.' },
    // Reading the account's open orders takes two seconds at the exchange's own pace.
    call_deadline_ms: whole(2500, 'Longest wait for any answer, ms.'),
    recv_window_ms: whole(100, 'How old a request may be at the exchange, ms.'),
    reconcile_interval_ms: whole(500, 'Between two comparisons with the exchange, ms.'),
    margin_mode: { enum: ['cross', 'isolated'], description: 'Margin mode that is set at start.' },
    outage_kill_after_ms: {
      type: ['integer', 'null'],
      minimum: 1000,
      description: 'Outage after which the kill switch goes up; null = never.',
    },
    alert_reconnects: {
      ...closed({
        count: whole(1, 'Losses of the connection that are told as an alert.'),
        within_ms: whole(1000, 'Within which they fall, ms.'),
        outage_ms: {
          type: ['integer', 'null'],
          minimum: 1000,
          description: 'One outage that is told as an alert, ms; null = none.',
        },
      }),
      description: 'When a connection that does not hold is told as an alert.',
    },
    lock: LOCK,
  }),
  required: ['exchange'],
};

// What a run trades with; a run of several may have its own.
const SETTINGS = {
  cash: decimal('Starting cash in the settle currency.'),
  position_mode: { enum: ['hedge', 'one_way'], description: 'Long and short at once, or one.' },
  seed: whole(0, 'Seed of every random draw.'),
  funding: { type: 'string', description: 'CSV file of funding rates.' },
  slippage_model: { type: 'string', description: 'File of a fitted slippage model.' },
  blackout: closed({
    file: text('JSON file of black-out windows.'),
    ...BLACKOUT_PROPERTIES,
  }),
  instrument: closed({
    market: { enum: ['spot', 'swap', 'future'] },
    tick_size: positive('Price step.'),
    lot_size: positive('Quantity step, base units.'),
    min_quantity: decimal('Smallest entry quantity.'),
    max_quantity: positive('Largest quantity of one order.'),
    max_market_quantity: positive('Largest quantity of one order at market.'),
    min_notional: decimal('Smallest entry notional.'),
    contract_size: positive('Base units per contract.'),
  }),
  costs: closed({
    taker_fee_bps: decimal('Taker fee in bps of notional.'),
    maker_fee_bps: decimal('Maker fee in bps of notional.'),
    slippage_bps: decimal('Adverse move of a taker price in bps.'),
  }),
  simulation: closed({
    fill_on_touch: flag('A limit fills when only touched; default: traded through.'),
    volume_share_bps: {
      type: ['integer', 'null'],
      minimum: 1,
      maximum: 10_000,
      description: 'Part of a bar\u2019s volume that fills may take; null = no limit.',
    },
    exits_compete: flag('Resting reduce-only orders bind what they would close.'),
    venue_holds_stops: flag('Stops rest at the venue; otherwise the host triggers them.'),
  }),
  sizing: closed({
    delegate_notional: decimalOrNull('Notional of a delegate_notional entry.'),
    allocation: decimalOrNull('Capital that basis allocation means.'),
    leverage: positive('Leverage of an entry that names none.'),
  }),
  risk: closed({
    max_order_notional: decimalOrNull('Largest notional of one entry.'),
    max_position_notional: decimalOrNull('Largest notional of one position.'),
    max_open_orders: whole(1, 'Most working orders.'),
    max_leverage: decimal('Largest gross exposure over equity.'),
    max_daily_loss: decimalOrNull('Loss per UTC day after which entries wait.'),
    max_entries_per_minute: whole(1, 'Most entry orders within a minute.'),
    entry_collar_bps: whole(1, 'Farthest entry price from the last, bps.'),
    exit_collar_bps: whole(1, 'Farthest exit price from the last on its bad side, bps.'),
  }),
  policy: closed({
    max_intents_per_answer: { ...whole(1, 'Most intents in one answer.'), maximum: 999 },
    max_asks_per_event: whole(1, 'Most hooks after one event.'),
    max_plugin_faults: whole(1, 'Consecutive faults after which the plugin is halted.'),
    max_slippage_bps: whole(0, 'Ceiling of any slippage permission, bps.'),
    allow_fallback: flag('Whether limit-to-market fallbacks are allowed at all.'),
    require_stop: flag('Whether every entry needs a stop.'),
    backoff_after_rejects: whole(1, 'Rejects in a row after which entries wait.'),
    backoff_initial_ms: whole(1, 'First pause, ms.'),
    backoff_max_ms: whole(1, 'Longest pause, ms.'),
    missed_bars: {
      enum: ['skip', 'act'],
      description: 'What becomes of answers to bars that closed while the host was down.',
    },
    max_unprotected_ms: whole(1, 'Longest time without the stop that must rest, ms.'),
    max_data_age_bars: {
      type: ['integer', 'null'],
      minimum: 1,
      description: 'Age of the last bar, in bars, from which entries wait; null = any.',
    },
  }),
  strategy: closed({ config: { type: 'object', description: 'The plugin\u2019s own config.' } }),
};

// `runner live --run <name>`: the options of the command, by name.
const RUN = {
  ...closed({
    strategy: text('Plugin: a bundled name, a package, a folder, or a file.'),
    exchange: { type: 'string', pattern: '^[a-z0-9]{2,40}$', description: 'ccxt id, or sim.' },
    account: text('Account of this file; default: the only one of the exchange.'),
    symbol: text('Unified symbol, such as BTC/USDT:USDT.'),
    timeframe: text('Bar length, such as 1m.'),
    mode: { enum: ['paper', 'live'], description: 'paper: simulated fills; live: real orders.' },
    data: text('CSV file of bars, for sim.'),
    speed: text('Pace of a played file.'),
    from: text('First tradable bar.'),
    to: text('First bar that is left out.'),
    gaps: { enum: ['refuse', 'allow'], description: 'What to do about missing bars.' },
    time_is: { enum: ['open', 'close'], description: 'What the time column of the file means.' },
    on_untracked: {
      enum: ['block', 'adopt', 'cancel'],
      description: 'What to do about open orders at the exchange that are not ours.',
    },
    start_paused: flag('Hold entries until runner resume.'),
    shadow: flag('Run the backtest beside it on the same bars.'),
    max_drift: {
      type: 'number',
      minimum: 0,
      description: 'With shadow: pause entries beyond this, bps of the starting cash.',
    },
    set: { type: 'object', description: 'Parameters of the strategy by name.' },
    config: { ...closed(SETTINGS), description: 'Settings of this run alone, over those above.' },
  }),
  required: ['strategy'],
  dependentRequired: { max_drift: ['shadow'] },
};

const NAMES = {
  title: 'names of a-z, 0-9, _ and -, at most 32 long',
  pattern: '^[a-z0-9][a-z0-9_-]{0,31}$',
};

export const CONFIG_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...closed({
    $schema: { type: 'string' },
    ...SETTINGS,
    accounts: {
      type: 'object',
      propertyNames: NAMES,
      additionalProperties: ACCOUNT,
      description: 'Exchange accounts by name.',
    },
    runs: {
      type: 'object',
      propertyNames: NAMES,
      additionalProperties: RUN,
      description: 'What runner live --all runs beside each other, by name.',
    },
  }),
};
