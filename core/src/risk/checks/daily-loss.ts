// Denies entries once the account has lost more than the limit since the start of the UTC day.
import { deny } from '../../outcome.js';
import type { RiskCheck } from '../risk-check.js';

export const dailyLoss: RiskCheck = (_order, exposure, { maxDailyLoss }) => {
  if (maxDailyLoss === null) return undefined;
  const loss = exposure.dayStartEquity - exposure.equity;
  if (loss < maxDailyLoss) return undefined;
  return deny('DAILY_LOSS_EXCEEDED', '', 'the loss limit of the day is reached; entries wait', {
    loss,
    max: maxDailyLoss,
  });
};
