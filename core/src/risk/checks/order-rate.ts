// Denies an entry when too many were submitted within the last minute.
import { deny } from '../../outcome.js';
import type { RiskCheck } from '../risk-check.js';

export const orderRate: RiskCheck = (_order, exposure, { maxEntriesPerMinute }) => {
  if (exposure.recentEntries < maxEntriesPerMinute) return undefined;
  return deny('ORDER_RATE_EXCEEDED', '', 'too many entries within one minute', {
    entries: exposure.recentEntries,
    max: maxEntriesPerMinute,
  });
};
