// A process that takes weight from the shared budget in one window. It says how much it has got
// when it has to wait, and after that many calls; a line on stdin lets it go on. Arguments: state
// folder, limit, weight of a call, calls.
import { SharedBudget } from '../../../../adapters/src/account-store/request-budget.js';

const [stateDir = '', limit = '', weight = '', calls = ''] = process.argv.slice(2);
let taken = 0;

function said(): Promise<void> {
  process.stdout.write(`${taken}\n`);
  return new Promise((resolve) => process.stdin.once('data', () => resolve()));
}

const budget = await SharedBudget.open({
  stateDir,
  host: 'fapi.example',
  clock: { now: () => 60_000 },
  sleep: said,
  limit: Number(limit),
  windowMs: 60_000,
  onFault: (error) => process.stdout.write(`${String(error)}\n`),
});
process.stdin.resume();
for (let call = 1; ; call++) {
  await budget.take(Number(weight), 'normal');
  taken += Number(weight);
  if (call === Number(calls)) await said();
}
