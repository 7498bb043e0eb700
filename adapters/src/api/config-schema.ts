// JSON Schema of the config file. Closed objects: a misspelt setting is an error that names itself.
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
  }),
  required: ['exchange'],
};

export const CONFIG_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...closed({
    $schema: { type: 'string' },
    cash: decimal('Starting cash in the settle currency.'),
    position_mode: { enum: ['hedge', 'one_way'], description: 'Long and short at once, or one.' },
    seed: whole(0, 'Seed of every random draw.'),
    funding: { type: 'string', description: 'CSV file of funding rates.' },
    slippage_model: { type: 'string', description: 'File of a fitted slippage model.' },
    instrument: closed({
      market: { enum: ['spot', 'swap', 'future'] },
      tick_size: positive('Price step.'),
      lot_size: positive('Quantity step, base units.'),
      min_quantity: decimal('Smallest entry quantity.'),
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
    accounts: {
      type: 'object',
      propertyNames: { pattern: '^[a-z0-9][a-z0-9_-]{0,31}$' },
      additionalProperties: ACCOUNT,
      description: 'Exchange accounts by name.',
    },
    strategy: closed({ config: { type: 'object', description: 'The plugin\u2019s own config.' } }),
  }),
};
