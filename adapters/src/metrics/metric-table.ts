// Every metric of a run: name, kind, unit, labels and what it says. The registry, the page in docs
// and the snapshot are made of this table. A label takes only the values that are listed here.
import { CODES, type CodeDescription } from '@strategy-runner/contracts';
import type { ApiVerdict } from '@strategy-runner/core';

export interface Metric {
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly unit: string;
  readonly help: string;
  readonly label?: Label;
  /** Upper bounds of a histogram. */
  readonly buckets?: readonly number[];
}

export interface Label {
  readonly name: string;
  readonly values: readonly string[];
  /** The values in a few words, where there are too many to list. */
  readonly about?: string;
}

/** What a value that is not listed is counted as. */
export const OTHER = 'other';

const gauge = (unit: string, help: string, label?: Label) => metric('gauge', unit, help, label);
const counter = (unit: string, help: string, label?: Label) => metric('counter', unit, help, label);

function metric<const Type extends Metric['type']>(
  type: Type,
  unit: string,
  help: string,
  label?: Label,
) {
  const base = { type, unit, help } as const;
  return label === undefined ? base : { ...base, label };
}

function codesOf(...categories: readonly CodeDescription['category'][]): readonly string[] {
  const all = Object.entries<CodeDescription>(CODES);
  return [
    ...all.filter(([, { category }]) => categories.includes(category)).map(([c]) => c),
    OTHER,
  ];
}

const DENIALS: Label = { name: 'code', values: codesOf('denial'), about: 'code of a denial' };
const ALERTS: Label = {
  name: 'code',
  values: codesOf('warning', 'denial', 'rejection'),
  about: 'code of the alert',
};
const DIRECTION: Label = { name: 'direction', values: ['paid', 'received'] };
/** What can hold entries back, as the gates of an entry ask it. */
export const HOLD_CAUSES = [
  'killed',
  'stopped',
  'paused',
  'halted',
  'blackout',
  'connection',
  'stale_data',
  'hold',
  'backoff',
  'unknown_order',
  'journal',
] as const;
const CAUSES: Label = { name: 'cause', values: HOLD_CAUSES };
const VERDICT_NAMES: Readonly<Record<ApiVerdict, true>> = {
  rejected: true,
  not_found: true,
  unknown: true,
  retry: true,
  rate_limited: true,
  banned: true,
  clock: true,
  auth: true,
};
const VERDICTS: Label = { name: 'class', values: Object.keys(VERDICT_NAMES) };

const GAUGES = {
  runner_open_positions: gauge('positions', 'Open positions of the ledger, external ones too.'),
  runner_working_orders: gauge('orders', 'Orders that are not over, protection included.'),
  runner_orders_unknown: gauge('orders', 'Orders of which nobody has said what became of them.'),
  runner_unprotected_positions: gauge('positions', 'Positions that lack cover at this moment.'),
  runner_queue_depth: gauge('entries', 'What waits: events, journal rows, unanswered orders.', {
    name: 'queue',
    values: ['events', 'journal', 'orders'],
  }),
  runner_heartbeat_age_seconds: gauge('seconds', 'Since the account was read; 0 on paper.'),
  runner_reconciliation_age_seconds: gauge(
    'seconds',
    'Since ledger and venue were compared while nothing moved; 0 on paper.',
  ),
  runner_divergences: gauge('differences', 'Found by the last comparison with the venue.'),
  runner_bar_age_seconds: gauge('seconds', 'Since a bar arrived.'),
  runner_connection_down: gauge('flag', '1 while the venue is not connected and read.'),
  runner_kill_switch: gauge('flag', '1 while the kill switch is up.'),
  runner_entries_held: gauge('causes', 'What holds entries back; 0 in all: nothing does.', CAUSES),
  runner_journal_lost: gauge('flag', '1 once the journal cannot be written: exits only.'),
  runner_drift_bps: gauge('bps', 'Live less its shadow, of the starting cash; --shadow only.'),
  runner_equity: gauge('settle currency', 'Cash and open positions at the last close.'),
  runner_cash: gauge('settle currency', 'Cash of the ledger.'),
  runner_start_time_seconds: gauge('epoch seconds', 'When the run began.'),
} as const;

const COUNTERS = {
  runner_bars_total: counter('bars', 'Bars taken in, those before the first tradable one too.'),
  runner_account_readings_total: counter('readings', 'Times that the account was read.'),
  runner_reconnects_total: counter('reconnects', 'Times that a ready connection was lost.'),
  runner_api_errors_total: counter('calls', 'Requests that failed, by what is known.', VERDICTS),
  runner_intents_accepted_total: counter('intents', 'Intents of the strategy that were taken.'),
  runner_denied_total: counter('intents', 'Intents that were denied, by code.', DENIALS),
  runner_orders_total: counter('orders', 'Orders made.', {
    name: 'action',
    values: ['entry', 'exit'],
  }),
  runner_rejected_total: counter('orders', 'Orders that the venue rejected.'),
  runner_fills_total: counter('fills', 'Fills booked.', {
    name: 'liquidity',
    values: ['maker', 'taker'],
  }),
  runner_external_fills_total: counter('fills', 'Fills of no order of the session.'),
  runner_fees_total: counter('settle currency', 'Fees; rebates are received.', DIRECTION),
  runner_funding_total: counter('settle currency', 'Funding payments.', DIRECTION),
  runner_alerts_total: counter('alerts', 'Alerts raised, by code.', ALERTS),
  runner_plugin_faults_total: counter('faults', 'Hooks of the plugin that failed.'),
  runner_unprotected_seconds_total: counter(
    'seconds',
    'Time in which a position lacked the protection that it must have, over all positions.',
  ),
  runner_metrics_faults_total: counter('faults', 'Entries that could not be counted.'),
} as const;

const HISTOGRAMS = {
  runner_order_latency_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: "From an order's decision to its request, and on to its acceptance; venue clock.",
    label: { name: 'stage', values: ['decided_to_sent', 'sent_to_accepted'] },
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  runner_slippage_bps: {
    type: 'histogram',
    unit: 'bps',
    help: 'Fill price against the decision price, per fill; positive is worse.',
    label: { name: 'action', values: ['entry', 'exit'] },
    buckets: [-50, -20, -10, -5, -2, -1, 0, 1, 2, 5, 10, 20, 50, 100],
  },
} as const;

export const METRICS = { ...GAUGES, ...COUNTERS, ...HISTOGRAMS } satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;
export type GaugeName = keyof typeof GAUGES;
export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;

export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

export function metricOf(name: MetricName): Metric {
  return METRICS[name];
}
