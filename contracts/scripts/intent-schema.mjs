// Derives the envelope schema from the body schema: every kind keeps its fields and gains what the
// host stamps. One source, so body and envelope cannot drift apart.

const identityPattern = '^(@[a-z0-9._-]{1,100}/)?[a-z0-9._-]{1,113}$';

/** Kinds that reach the venue name an order style once the execution policy has been merged. */
const kindsWithOrder = new Set(['OpenBody', 'CloseBody', 'PartialCloseBody', 'DcaBody']);

const stamped = {
  contract: {
    description: 'Version of the intent contract the intent is held against.',
    type: 'string',
    const: '1.0',
  },
  intent_id: {
    description:
      'Deterministic id from instance, symbol, trigger, kind and side; live and backtest agree.',
    $ref: '#/$defs/Id',
  },
  strategy: { $ref: '#/$defs/StrategyRef' },
  as_of: { $ref: '#/$defs/AsOf' },
  provenance: { $ref: '#/$defs/Provenance' },
};

const definitions = {
  StrategyRef: {
    description: 'Who wants it: must equal the loaded plugin and instance.',
    type: 'object',
    additionalProperties: false,
    required: ['id', 'version', 'instance'],
    properties: {
      id: { description: 'Package name of the plugin.', type: 'string', pattern: identityPattern },
      version: {
        description: 'Version of the plugin.',
        type: 'string',
        pattern: '^[0-9A-Za-z.+-]{1,64}$',
      },
      instance: {
        description: 'The instance, symbol:strategy, for example BTC/USDT:USDT:sma-cross.',
        type: 'string',
        pattern: '^[A-Za-z0-9][A-Za-z0-9_.:@/~+-]{0,149}$',
      },
    },
  },
  AsOf: {
    description: 'The event the decision was taken at. Never a wall clock.',
    type: 'object',
    additionalProperties: false,
    required: ['time_ms'],
    properties: {
      time_ms: {
        description: 'Time of the event in milliseconds since 1970-01-01 UTC.',
        $ref: '#/$defs/EpochMs',
      },
      trigger: {
        description:
          'Key of the event, for example bar:1h:1795168800000 or timer:rebalance:1795168800000.',
        type: 'string',
        pattern: '^(bar|timer|fill|event|operator):[\\x21-\\x7e]{1,280}$',
      },
      bar: { $ref: '#/$defs/BarRef' },
      seq: {
        description: 'Place of the intent in the answer, from 0.',
        type: 'integer',
        minimum: 0,
        maximum: 1000000,
      },
    },
  },
  BarRef: {
    description: 'The closed bar that the decision used.',
    type: 'object',
    additionalProperties: false,
    required: ['timeframe', 'open_ms', 'close_ms'],
    properties: {
      timeframe: {
        description: 'Length of the bar, for example 1m, 4h or 1d.',
        type: 'string',
        pattern: '^[1-9][0-9]{0,3}(s|m|h|d|w|M)$',
      },
      open_ms: {
        description: 'Open of the bar in milliseconds since 1970-01-01 UTC.',
        $ref: '#/$defs/EpochMs',
      },
      close_ms: {
        description: 'Close of the bar in milliseconds since 1970-01-01 UTC.',
        $ref: '#/$defs/EpochMs',
      },
    },
  },
  Provenance: {
    description:
      'Where each field came from, by field name; a field not listed is from the intent.',
    type: 'object',
    propertyNames: { pattern: '^[a-z][a-z0-9_./]{0,63}$' },
    additionalProperties: { $ref: '#/$defs/FieldOrigin' },
  },
  FieldOrigin: {
    description: "The author's answer, the plugin's execution policy, or the host.",
    type: 'string',
    enum: ['intent', 'execution_policy', 'host_default'],
  },
};

const asIntentName = (name) => name.replace(/Body$/, 'Intent');

/** The published intent.schema.json, as a value. */
export function intentSchemaFrom(bodySchema) {
  const defs = {};
  for (const [name, definition] of Object.entries(bodySchema.$defs)) {
    defs[asIntentName(name)] = name.endsWith('Body') ? envelope(name, definition) : definition;
  }
  return {
    ...bodySchema,
    $id: bodySchema.$id.replace('/intent-body/', '/intent/'),
    title: 'Intent',
    description: 'An intent as the host stores and executes it: the body and what the host stamps.',
    oneOf: bodySchema.oneOf.map(({ $ref }) => ({ $ref: asIntentName($ref) })),
    $defs: { ...defs, ...definitions },
  };
}

function envelope(name, body) {
  const { kind, symbol, ...properties } = body.properties;
  const required = body.required.filter((field) => field !== 'kind');
  if (kindsWithOrder.has(name)) required.push('order');
  return {
    ...body,
    required: ['contract', 'kind', 'intent_id', 'strategy', 'symbol', 'as_of', ...required],
    properties: {
      contract: stamped.contract,
      kind,
      intent_id: stamped.intent_id,
      strategy: stamped.strategy,
      symbol: { ...symbol, description: 'The unified symbol the intent is for.' },
      as_of: stamped.as_of,
      ...properties,
      provenance: stamped.provenance,
    },
  };
}
