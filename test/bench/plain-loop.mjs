// What the same strategy costs with nothing around it: two moving averages, a market order at the next
// open, a proportional fee, equity per bar; float64 throughout, no ids, no checks, no records. It is the
// yardstick that the engine's time is divided by, on whatever machine and under whatever load.

const FAST = 10;
const SLOW = 30;
const QUANTITY = 0.01;
const FEE = 0.0005;
const SLIPPAGE = 0.0001;
const CASH = 10_000;

export function plainLoop({ length, open, close }) {
  const equity = new Float64Array(length);
  const window = new Float64Array(SLOW);
  let next = 0;
  let fastSum = 0;
  let slowSum = 0;
  let relation = 0;
  let cash = CASH;
  let held = 0;
  let entry = 0;
  let wanted = 0;
  let fills = 0;
  for (let i = 0; i < length; i += 1) {
    if (wanted > 0) {
      entry = open[i] * (1 + SLIPPAGE);
      held = wanted;
      cash -= held * entry * FEE;
      fills += 1;
    } else if (wanted < 0) {
      const price = open[i] * (1 - SLIPPAGE);
      cash += held * (price - entry) - held * price * FEE;
      held = 0;
      fills += 1;
    }
    wanted = 0;
    const price = close[i];
    fastSum += price - window[next >= FAST ? next - FAST : next - FAST + SLOW];
    slowSum += price - window[next];
    window[next] = price;
    next = next + 1 === SLOW ? 0 : next + 1;
    const value = cash + held * (price - entry);
    equity[i] = value;
    if (i < SLOW) continue;
    const now = fastSum / FAST > slowSum / SLOW ? 1 : -1;
    if (relation !== 0 && now !== relation) {
      if (now === 1 && held === 0) wanted = QUANTITY;
      else if (now === -1 && held > 0) wanted = -1;
    }
    relation = now;
  }
  return { equity, fills, cash };
}
