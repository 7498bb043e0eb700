// What the same strategy costs in an event loop with nothing around it: a bar object per bar, a
// strategy that is called with it, a broker that fills at the next open with slippage and a
// proportional fee, equity per bar. Float64 throughout: no ids, checks, records or exact money. It
// is the yardstick that the engine's time is divided by, on whatever machine and under whatever
// load.

const FAST = 10;
const SLOW = 30;
const QUANTITY = 0.01;
const FEE = 0.0005;
const SLIPPAGE = 0.0001;
const CASH = 10_000;

class Broker {
  cash = CASH;
  held = 0;
  entry = 0;
  order = null;
  fills = [];

  meetOpen(bar) {
    const { order } = this;
    if (order === null) return;
    this.order = null;
    const isBuy = order.side === 'buy';
    const price = bar.open * (isBuy ? 1 + SLIPPAGE : 1 - SLIPPAGE);
    const fee = order.quantity * price * FEE;
    this.cash -= fee;
    if (isBuy) this.entry = price;
    else this.cash += order.quantity * (price - this.entry);
    this.held = isBuy ? order.quantity : 0;
    this.fills.push({ time: bar.openMs, side: order.side, price, quantity: order.quantity, fee });
  }

  equityAt(price) {
    return this.cash + this.held * (price - this.entry);
  }
}

class Cross {
  window = new Float64Array(SLOW);
  next = 0;
  count = 0;
  fastSum = 0;
  slowSum = 0;
  relation = 0;

  onBar(bar, broker) {
    const { window, next } = this;
    this.fastSum += bar.close - window[next >= FAST ? next - FAST : next - FAST + SLOW];
    this.slowSum += bar.close - window[next];
    window[next] = bar.close;
    this.next = next + 1 === SLOW ? 0 : next + 1;
    this.count += 1;
    if (this.count < SLOW) return;
    const before = this.relation;
    this.relation = this.fastSum / FAST > this.slowSum / SLOW ? 1 : -1;
    if (before === 0 || before === this.relation || this.count === SLOW) return;
    if (this.relation === 1 && broker.held === 0) {
      broker.order = { side: 'buy', quantity: QUANTITY };
    } else if (this.relation === -1 && broker.held > 0) {
      broker.order = { side: 'sell', quantity: broker.held };
    }
  }
}

export function plainLoop(columns) {
  const { length } = columns;
  const equity = new Float64Array(length);
  const broker = new Broker();
  const strategy = new Cross();
  for (let i = 0; i < length; i += 1) {
    const bar = {
      openMs: columns.openMs[i],
      open: columns.open[i],
      high: columns.high[i],
      low: columns.low[i],
      close: columns.close[i],
      volume: columns.volume[i],
    };
    broker.meetOpen(bar);
    strategy.onBar(bar, broker);
    equity[i] = broker.equityAt(bar.close);
  }
  return { equity, fills: broker.fills.length, cash: broker.cash };
}
