// Every code of the product with its category and one sentence. Codes are stable: a released one is
// never renamed or given another meaning. New ones go into the table of their category.

/**
 * What kind of answer a code is: `denial` by the host, `rejection` by the venue, `outcome` that is
 * neither, or the area of what went wrong.
 */
export type CodeCategory =
  | 'denial'
  | 'rejection'
  | 'outcome'
  | 'fault'
  | 'data'
  | 'config'
  | 'usage'
  | 'safety'
  | 'store'
  | 'warning';

export interface CodeDescription {
  readonly category: CodeCategory;
  /** Exit status where the code ends a command. */
  readonly exit?: number;
  readonly sentence: string;
}

const denial = (sentence: string) => ({ category: 'denial', sentence }) as const;
const rejection = (sentence: string) => ({ category: 'rejection', sentence }) as const;
const outcome = (sentence: string) => ({ category: 'outcome', sentence }) as const;
const warning = (sentence: string) => ({ category: 'warning', sentence }) as const;
const fault = (sentence: string, exit?: number) => entry('fault', sentence, exit);
const data = (sentence: string) => entry('data', sentence, 65);
const config = (sentence: string) => entry('config', sentence, 78);
const usage = (sentence: string, exit = 64) => entry('usage', sentence, exit);
const safety = (sentence: string, exit = 77) => entry('safety', sentence, exit);
const store = (sentence: string, exit?: number) => entry('store', sentence, exit);

function entry<Category extends CodeCategory>(category: Category, sentence: string, exit?: number) {
  return exit === undefined ? { category, sentence } : { category, exit, sentence };
}

/** The form of the intent and the right to send it. */
const contractDenials = {
  SCHEMA_INVALID: denial('The intent does not fit the schema; path names the field.'),
  NOT_PLAIN_JSON: denial('The answer holds something that JSON cannot carry.'),
  BATCH_TOO_LARGE: denial('The answer holds more intents than the host takes from one event.'),
  CONTRACT_UNSUPPORTED: denial('The contract version is outside what the host supports.'),
  CAPABILITY_UNDECLARED: denial('The manifest does not declare what the intent uses.'),
  IDENTITY_MISMATCH: denial('The intent names another plugin or instance than the loaded one.'),
  FUTURE_TIME: denial('The intent claims to know an event that has not happened yet.'),
  STALE: denial('The intent was decided at an older event than the current one.'),
  IDEMPOTENCY_CONFLICT: denial('The idempotency key was used before with other content.'),
  INTENT_REPEATED: denial('An intent of the same id, from the same event, was taken already.'),
  EXPIRED: denial('The deadline of the intent has passed.'),
  ORDER_STYLE_MISSING: denial('Neither the intent nor the execution policy says how to order.'),
  ANSWER_LATE: denial('The answer came after its deadline; it is recorded and never acted on.'),
  WARMUP: denial('The strategy is still warming up; its intents are counted and dropped.'),
} as const;

/** Size, target and the rules of each kind. */
const intentDenials = {
  SIZING_NOT_CONFIGURED: denial('The entry delegates its size and the host has no sizing rule.'),
  BELOW_MIN_QTY: denial('The quantity after rounding is below the minimum of the instrument.'),
  ABOVE_MAX_QTY: denial('The quantity is above the maximum that the venue takes in one order.'),
  BELOW_MIN_NOTIONAL: denial('The notional is below the minimum of the instrument.'),
  STOP_BELOW_MIN_NOTIONAL: denial('At the stop price the exit would be below the minimum.'),
  STOP_REQUIRED: denial('The entry needs a stop loss whose price can be resolved.'),
  POSITION_EXISTS: denial('A position on this side is open already.'),
  OPPOSITE_POSITION: denial('A position on the other side is open.'),
  NO_POSITION: denial('The target names no open position of this instance.'),
  AMBIGUOUS_TARGET: denial('The target fits more than one position; name its side or its id.'),
  PARTIAL_CLOSE_DUST: denial('The rest of the position would be below the minimum.'),
  DCA_LEVEL_INVALID: denial('The level is not the last filled one plus 1.'),
  DCA_MAX_LEVELS: denial('The position has all the levels it may have.'),
  DCA_NO_IMPROVEMENT: denial('The price is not enough better than the average entry.'),
  DCA_ENTRY_WORKING: denial('Another entry of the position is still working.'),
  FALLBACK_NOT_PERMITTED: denial('The intent does not permit a fallback for this reason.'),
  FALLBACK_SLIPPAGE_EXCEEDED: denial('The fallback would trade beyond its slippage bound.'),
  PROTECTION_INVALID: denial('The protection contradicts the side, the price or itself.'),
  STOP_LOOSENED: denial('The stop would move away from the price without allow_loosen.'),
  CONFLICT: denial('Another intent of the same answer takes precedence.'),
  HEDGE_MODE_REQUIRED: denial('Both sides of a symbol need an account in hedge mode.'),
  LOTS_METHOD_MIXED: denial('The lots method differs from the one the position was opened with.'),
  SYMBOL_OWNED: denial('Another instance owns this account, symbol and side.'),
  SYMBOL_UNKNOWN: denial('The venue does not list the symbol.'),
  SIMULATION_UNSUPPORTED: denial('The simulation cannot model what the intent asks for.'),
  INSTRUMENT_UNSUPPORTED: denial('The instrument is inverse, quanto or otherwise unsupported.'),
} as const;

/** Limits, and states in which no new risk is taken. */
const riskDenials = {
  NOTIONAL_EXCEEDS_MAXIMUM: denial('The order is larger than the limit for one order.'),
  POSITION_EXCEEDS_MAXIMUM: denial('The position would be larger than its limit.'),
  OPEN_ORDERS_EXCEED_MAXIMUM: denial('There would be more working orders than the limit.'),
  LEVERAGE_EXCEEDS_MAXIMUM: denial('The leverage is above its limit.'),
  DAILY_LOSS_EXCEEDED: denial('The loss of the day has reached its limit.'),
  ORDER_RATE_EXCEEDED: denial('More orders per time than the limit.'),
  PRICE_OUTSIDE_COLLAR: denial('The price is too far from the last or mark price.'),
  BALANCE_INSUFFICIENT: denial('The free balance does not cover the order.'),
  ENTRIES_PAUSED: denial('Entries are paused by the operator or by policy; exits go on.'),
  ENTRIES_STOPPED: denial('The run is stopping and takes no new risk; exits go on.'),
  KILLED: denial('The kill switch is up; only closing is possible.'),
  BLACKOUT: denial('A black-out window of the host stands; entries wait for its end, exits go on.'),
  BACKOFF_ACTIVE: denial('Entries are held back after rejects or errors of the venue.'),
  UNKNOWN_ORDER_PENDING: denial('An order of unknown outcome holds back new risk on the symbol.'),
  INSTANCE_HALTED: denial('The instance was halted after a fault; exits go on.'),
  LAST_GATE_REFUSED: denial('The last look before sending found the order wrong; none was sent.'),
  QUOTE_STALE: denial('There is no fresh quote to hold the entry against; none was sent.'),
  VENUE_NOT_READY: denial('The venue is not connected and read yet; exits go on.'),
  SYMBOL_HELD: denial('Entries on the symbol are held until the operator acknowledges why.'),
  DATA_STALE: denial('The last bar is too old to take new risk on; exits go on.'),
} as const;

const outcomes = {
  NOOP_FLAT: outcome('There was nothing to close.'),
} as const;

const rejections = {
  POST_ONLY_WOULD_CROSS: rejection('The post-only order would have taken liquidity.'),
  STOP_WOULD_TRIGGER: rejection('The price is beyond the stop already: it would fire at once.'),
  REDUCE_ONLY_FLAT: rejection('The reduce-only order had nothing left to reduce.'),
  VENUE_REJECTED: rejection('The venue refused the order; detail says it in its words.'),
} as const;

const pluginFaults = {
  PLUGIN_THREW: fault('A hook of the plugin threw.'),
  TIMER_LIMIT: fault('The plugin has more timers waiting than one instance may have.'),
  PLUGIN_RETURNED_PROMISE: fault('A hook returned a promise; hooks are synchronous.'),
  PLUGIN_FAULT: fault('The plugin hung, crashed, ran out of memory or broke the protocol.'),
  PLUGIN_STATE_DIVERGED: fault(
    'Fed the recorded events again, the plugin answered differently.',
    2,
  ),
  PLUGIN_NOT_FOUND: fault('There is no plugin at that name or path.', 66),
  PLUGIN_INVALID: fault('The plugin has no usable manifest or definition.', 65),
  PLUGIN_INCOMPATIBLE: fault('Plugin and host do not fit; both sides are printed.', 78),
  INTERNAL: fault('An assertion failed; the session stops rather than trade on a wrong book.', 1),
} as const;

const dataFaults = {
  DATA_PRECISION: data('A price has more digits than a float64 can carry exactly.'),
  DATA_EMPTY: data('The file holds no bars.'),
  DATA_HEADER: data('The header lacks a column or names one that is not understood.'),
  DATA_UNSORTED: data('A bar is older than the one before it.'),
  DATA_DUPLICATE_TIME: data('Two bars have the same time.'),
  DATA_GAP: data('Bars are missing between two others.'),
  DATA_NEGATIVE_PRICE: data('A price or volume is negative.'),
  DATA_HIGH_BELOW_LOW: data('A high lies below its low, or open or close outside of them.'),
  DATA_CHANGED: data('The data is not the one that the session has been run on so far.'),
  DATA_MALFORMED: data('A value is not a number or not a time.'),
  SLIPPAGE_SAMPLE_TOO_SMALL: data('Too few orders were filled as a taker to fit a model.'),
  SLIPPAGE_MODEL_INVALID: data('The file is no slippage model, was changed, or means other bars.'),
} as const;

const commandFaults = {
  FILE_NOT_FOUND: usage('There is no file at that path.', 66),
  SESSION_NOT_FOUND: usage('There is no such session.', 66),
  USAGE: usage('The command was not understood.'),
  METRICS_NOT_FOUND: usage('The session has no snapshot of its metrics, or none to be read.', 66),
  ID_UNKNOWN: usage('No session holds an intent, order, fill or position of that id.', 66),
  BUNDLE_DAMAGED: store('The bundle is damaged, or a file in it is not what it was.', 65),
  BUNDLE_REFUSED: safety('A bundle would hold a secret, or fill the disk; none was made.'),
  SESSION_PREMISES_CHANGED: config(
    'The session was started with another plugin, config or symbol.',
  ),
  EXCHANGE_UNKNOWN: usage('There is no such exchange here.'),
  DECIMAL_INVALID: usage('A text is not a plain decimal.'),
  DECIMAL_DIVISION_BY_ZERO: usage('A decimal was divided by zero.', 1),
  DECIMAL_STEP_INVALID: usage('A rounding step must be positive.', 1),
  METRICS_INPUT_INVALID: usage('Metrics were asked of numbers that are not finite.', 1),
  TRUTH_UNAVAILABLE: usage('The local exchange does not give its truth.', 69),
  COLD_START_REFUSED: safety('A cold start needs an empty account, and no black-out window.'),
  COMPARISON_UNLIKE: usage('Two sessions have no backtest in common.'),
  VENUE_UNAVAILABLE: usage('The exchange does not answer, or not as it should.', 69),
  ACCOUNT_UNKNOWN: config('The config names no such account.'),
  RUN_UNKNOWN: config('The config names no such run.'),
  RUNS_COLLIDE: config('Two runs of the config would trade one account.'),
  CONFIG_INVALID: config('The configuration does not fit its schema; path names the field.'),
  SESSIONS_UNWRITABLE: store('The sessions folder cannot be written.', 77),
  SCHEMA_OLDER: store('The store has an older layout; runner migrate brings it up to date.', 78),
  STORE_DAMAGED: store('A file of the session is damaged.', 65),
  SCHEMA_NEWER: store('The store was written by a newer version of the host.', 78),
  STORE_WRITE_FAILED: store('The journal could not be written; entries stop, exits go on.', 1),
  ACCOUNT_BUSY: safety('Another process runs this account, or another with its API key.', 75),
  ACCOUNT_LOCK_LOST: safety('The lock of the account was taken away from this process.', 75),
  LOCK_SERVER_UNAVAILABLE: safety('The database of the account\u2019s lock does not answer.', 69),
  LOCK_SERVER_REFUSED: config('The database of the account\u2019s lock refuses what is needed.'),
  LOCK_URL_INVALID: config('The address of the account\u2019s lock is missing or cannot be read.'),
  ACCOUNT_STORE_DAMAGED: store('A file of the account cannot be read; it counts as killed.', 65),
  ACCOUNT_STORE_UNWRITABLE: store('The files of the account cannot be written.', 77),
  LIVE_REFUSED: safety('Real orders were asked for and a gate is closed; nothing was sent.'),
  REFUSED_IN_PROD: safety('The command or setting has no place in production.'),
  OUTBOUND_REFUSED: safety('A request to a host that is not allowed was refused; nothing left.'),
  CREDENTIALS_MISSING: config('The account has no API key or secret where they are looked for.'),
  CREDENTIALS_REJECTED: config('The exchange does not accept the API key, or not from here.'),
  ACCOUNT_MODE_MISMATCH: config('The account is in another mode than the session needs.'),
  CAPABILITY_UNSUPPORTED: config('The exchange cannot do what the run needs of it.'),
  SESSION_BUSY: safety('Another runner holds the lock of this account.', 75),
} as const;

const warnings = {
  FILL_UNMATCHED: warning('A fill belongs to no order of the session, or exceeds its position.'),
  FORCED_CLOSE: warning('The venue closed a position by force; all entries are held.'),
  DIVERGED: warning('Ledger and venue differ; entries are held until they agree again.'),
  UNTRACKED_ORDER: warning('An order that is not ours works at the venue and can open exposure.'),
  PROTECTION_LOST: warning('The venue ended a protective order by itself; it is placed again.'),
  HEARTBEAT_MISSED: warning('The account could not be read for two intervals in a row.'),
  CONNECTION_UNSTABLE: warning('The venue was lost again and again; each loss holds entries.'),
  CONNECTION_DOWN: warning('The venue has been out of reach for long; stops resting there go on.'),
  POSITION_UNPROTECTED: warning('A position has lacked its protection for longer than it may.'),
  DATA_GAPS_ALLOWED: warning('The data has gaps that were accepted.'),
  DATA_CLEANED: warning('Prices with a binary residue were cleaned to their nearest decimal.'),
  DATA_SYNTHETIC: warning('The data is synthetic, not a market.'),
  SLIPPAGE_MODEL_DOUBTFUL: warning(
    'The slippage model is no better than a constant, or was fitted on another symbol.',
  ),
  FUNDING_MISSING: warning('A perpetual ran without funding data: funding counts as zero.'),
  COSTS_DEFAULTED: warning('No costs were given; the stated defaults were used.'),
  FILTERS_DEFAULTED: warning('No instrument rules were given; the stated defaults were used.'),
  EQUITY_NEGATIVE: warning('Equity fell below zero at a close; liquidation is not simulated.'),
  TIMER_COARSER_THAN_BAR: warning('A timer fell inside a bar; its orders met the next open.'),
} as const;

export const CODES = {
  ...contractDenials,
  ...intentDenials,
  ...riskDenials,
  ...outcomes,
  ...rejections,
  ...pluginFaults,
  ...dataFaults,
  ...commandFaults,
  ...warnings,
} as const;

export type Code = keyof typeof CODES;

/**
 * What a code means.
 *
 * @example
 * describeCode('SESSION_NOT_FOUND').exit; // 66
 */
export function describeCode(code: Code): CodeDescription {
  return CODES[code];
}
