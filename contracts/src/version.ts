// The version numbers a plugin's manifest is held against.

/** Version of the intent contract that this package describes. */
export const CONTRACT_VERSION = '1.0';

/** Version of the host API: `defineStrategy`, its hooks and its context. */
export const HOST_API_VERSION = '1.0';

/** Every contract version that this package has schemas for, newest last. */
export const SUPPORTED_CONTRACTS = ['1.0'] as const;
