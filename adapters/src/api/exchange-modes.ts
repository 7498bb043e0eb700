// The modes that a session needs its account to be in.
import { type EngineConfig, toNumber } from '@strategy-runner/core';
import type { AccountModes } from '../venue/ccxt/account-modes.js';
import type { ChosenAccount } from './account.js';

/** Leverage is set to the least whole number that the risk limit needs, and no higher. */
export function modesOf(config: EngineConfig, { config: account }: ChosenAccount): AccountModes {
  const { positionMode, risk, instruments } = config;
  const { margin_mode: marginMode } = account;
  return {
    symbols: [...instruments.keys()],
    positionMode,
    leverage: Math.max(1, Math.ceil(toNumber(risk.maxLeverage))),
    ...(marginMode === undefined ? {} : { marginMode }),
  };
}
