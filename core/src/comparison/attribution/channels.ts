// The causes that the difference between live and backtest is taken apart into, in the fixed order
// in which they are applied (docs/COMPARISON.md defines each for users).
export const CHANNELS = [
  'data',
  'downtime',
  'signal',
  'rejected',
  'missed',
  'extra',
  'partial',
  'size',
  'timing',
  'price',
  'fee',
  'funding',
] as const;

export type Channel = (typeof CHANNELS)[number];

export type ChannelSet = ReadonlySet<Channel>;

/** Events late by what the host missed while it was away, or by what the venue and network took. */
export type Lateness = 'downtime' | 'timing';
