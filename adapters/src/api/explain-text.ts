// The story for a person: one tree, times in UTC, what was asked about marked with an arrow.
import { isoOf } from './start-session.js';
import type {
  CheckStory,
  DecisionStory,
  Explanation,
  FillStory,
  InputStory,
  IntentStory,
  LedgerStory,
  OrderEventStory,
  OrderStory,
  PositionStory,
} from './explain-document.js';

/** A line and what stands below it. */
interface Branch {
  readonly line: string;
  readonly below?: readonly Branch[];
}

export function explainText(told: Explanation): string {
  const { kind, id, session_id, stands_for: asked } = told;
  const head = { line: `${kind} ${id}  in session ${session_id}` };
  const intents = told.intents.map((intent) => intentOf(intent, asked));
  const position = told.position === null ? [] : [positionOf(told.position, asked)];
  return `${render([head, ...intents, ...position], '').join('\n')}\n`;
}

function render(branches: readonly Branch[], indent: string): readonly string[] {
  return branches.flatMap(({ line, below = [] }) => [
    `${indent}${line}`,
    ...render(below, `${indent}  `),
  ]);
}

const mark = (id: string, asked: string): string => (id === asked ? '  <--' : '');
const at = ({ time_ms, seq }: { readonly time_ms: number; readonly seq: number }): string =>
  `${isoOf(time_ms)}  row ${seq}`;

function intentOf(intent: IntentStory, asked: string): Branch {
  const { intent_id: id, input, decisions, orders, steps, outcome } = intent;
  const standing = decisions.length === 0 ? 'decided by nobody here' : 'working';
  return {
    line: `intent ${id}  ${outcome ?? standing}${mark(id, asked)}`,
    below: [
      ...(input === null ? [{ line: 'no plugin was asked about it' }] : [inputOf(input)]),
      ...decisions.map(decisionOf),
      ...orders.map((order) => orderOf(order, asked)),
      ...steps.map((step) => ({ line: `${step.what}  ${step.detail}  ${at(step)}` })),
    ],
  };
}

function inputOf(input: InputStory): Branch {
  const { bar, positions, open_intents: open, account, answer, argument } = input;
  const held = positions.map(
    ({ side, quantity, symbol, entry_price }) => `${side} ${quantity} ${symbol} at ${entry_price}`,
  );
  const price = ({ open: first, high, low, close, volume }: NonNullable<typeof bar>) =>
    `open ${first} high ${high} low ${low} close ${close} volume ${volume}`;
  const bars =
    bar === null
      ? []
      : [{ line: `bar ${bar.timeframe} of ${isoOf(bar.open_ms)}: ${price(bar)}  row ${bar.seq}` }];
  const asOf = isoOf(input.as_of_ms);
  const answered =
    answer === null ? 'no answer' : `answer of ${answer.intents} intents  row ${answer.seq}`;
  return {
    line: `input  ${input.hook} at ${input.trigger}, as of ${asOf}  row ${input.seq}`,
    below: [
      ...bars,
      ...(argument === null ? [] : [{ line: `told ${JSON.stringify(argument)}` }]),
      { line: `positions: ${held.join('; ') || 'none'}; open intents: ${open.length}` },
      { line: `cash ${account.cash}, equity ${account.equity}, free ${account.free}` },
      { line: answered },
    ],
  };
}

function decisionOf(decision: DecisionStory): Branch {
  const { verdict, kind, body, checks, denial } = decision;
  const why =
    denial === null
      ? []
      : [
          { line: `${denial.code}: ${denial.detail}${denial.path && ` (${denial.path})`}` },
          ...Object.entries(denial.numbers).map(([name, value]) => ({ line: `${name} ${value}` })),
          { line: `means: ${denial.means}` },
          { line: `to pass it would need: ${denial.change}` },
        ];
  return {
    line: `${kind} ${verdict}  ${at(decision)}`,
    below: [{ line: `said ${JSON.stringify(saidOf(body))}` }, ...checks.map(checkOf), ...why],
  };
}

/** Envelope fields are told elsewhere. */
const ENVELOPE = new Set(['contract', 'intent_id', 'strategy', 'symbol', 'as_of', 'provenance']);

function saidOf(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => !ENVELOPE.has(name)));
}

const VERDICTS = {
  passed: 'ok     ',
  denied: 'DENIED ',
  not_reached: 'not yet',
  exempt: 'exempt ',
} as const;

function checkOf({ check, verdict, detail }: CheckStory): Branch {
  return { line: `${VERDICTS[verdict]} ${check}: ${detail}` };
}

function orderOf(order: OrderStory, asked: string): Branch {
  const price = [
    order.price === null ? '' : `at ${order.price}`,
    order.stop_price === null ? '' : `stop ${order.stop_price}`,
    order.is_reduce_only ? 'reduce-only' : '',
    order.is_post_only ? 'post-only' : '',
  ].filter(Boolean);
  const what = [order.side, order.quantity, order.type, ...price].join(' ');
  const ids = `client id ${order.client_order_id}, venue id ${order.venue_order_id ?? 'none'}`;
  return {
    line: `order ${order.leg}/${order.attempt}  ${what}  ${order.status}${mark(order.key, asked)}`,
    below: [
      { line: `created ${at(order)}, reference price ${order.reference_price}; ${ids}` },
      ...order.roundings.map(({ field, from, to, reason }) => ({
        line: `rounded ${field} ${from} -> ${to} (${reason})`,
      })),
      ...order.risk.map(({ measure, value, limit, isPassed }) => ({
        line: `${isPassed ? 'ok' : 'DENIED'} ${measure}: ${value} of ${limit ?? 'no limit'}`,
      })),
      ...order.events.map(eventOf),
      ...order.fills.map((fill) => fillOf(fill, asked)),
    ],
  };
}

function eventOf(event: OrderEventStory): Branch {
  const times = [
    ['sent', event.sent_ms],
    ['acked', event.acked_ms],
    ['venue', event.venue_ms],
  ].flatMap(([name, ms]) => (ms === null ? [] : [`${name} ${isoOf(Number(ms))}`]));
  const said = [shortened(event.detail), ...times].filter(Boolean).join(', ');
  return { line: `${event.source}: ${event.what}${said && ` (${said})`}  ${at(event)}` };
}

const DETAIL_MAX = 120;

function shortened(detail: string): string {
  return detail.length > DETAIL_MAX ? `${detail.slice(0, DETAIL_MAX)}…` : detail;
}

function fillOf(fill: FillStory, asked: string): Branch {
  const { quantity, price, fee, fee_currency, liquidity, trade_id: id } = fill;
  const slippage = `slippage ${fill.slippage}, ${fill.slippage_bps} bps of ${fill.reference_price}`;
  const paid = `fee ${fee} ${fee_currency}, ${liquidity}, ${slippage}`;
  return { line: `fill ${id}: ${quantity} at ${price}, ${paid}  ${at(fill)}${mark(id, asked)}` };
}

function positionOf(position: PositionStory, asked: string): Branch {
  const { result, ledger, protection, position_id: id } = position;
  const state =
    result.exit_reason === null
      ? `open, ${result.quantity} at ${result.entry_price}`
      : `closed ${isoOf(result.time_ms)} by ${result.exit_reason}`;
  const sum = `gross ${result.gross_pnl} - fees ${result.fees} + funding ${result.funding}`;
  return {
    line: `position ${id}  ${position.side} ${position.symbol}, ${state}${mark(id, asked)}`,
    below: [
      { line: 'ledger', below: ledger.map((line) => ledgerOf(line, asked)) },
      {
        line: 'protection',
        below: protection.map((change) => ({
          line:
            `${change.cause}: stop ${change.stop ?? 'none'}, targets ` +
            `${change.targets.join(', ') || 'none'}, at ${change.place ?? 'none'}  ${at(change)}`,
        })),
      },
      { line: `result ${sum} = ${result.net_pnl}` },
    ],
  };
}

function ledgerOf(line: LedgerStory, asked: string): Branch {
  const { leg, side, quantity, price, realized, fee } = line;
  const traded = `${leg} ${side} ${quantity} at ${price}, realised ${realized}, fee ${fee}`;
  const what = line.what === 'funding' ? 'funding' : traded;
  const cash = `cash ${line.cash_before} ${signed(line.cash)} = ${line.cash_after}`;
  const after = `holds ${line.quantity_after}  ${at(line)}`;
  return { line: `${what}; ${cash}; ${after}${mark(line.id, asked)}` };
}

function signed(amount: string): string {
  return amount.startsWith('-') ? `- ${amount.slice(1)}` : `+ ${amount}`;
}
