// JSON Schema of black-out windows, in a file of their own or in the config: one-off ones with two
// times, and weekly ones with days and two hours, by the clock of one zone.
const INSTANT = {
  title: 'a time such as "2026-12-24T18:00", by the zone, or with an offset of its own',
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}(T([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d)?(Z|[+-]\\d{2}:\\d{2})?)?$',
};

const hour = (pattern: string) => ({
  title: 'an hour such as "13:30"; "24:00" ends a day',
  type: 'string',
  pattern,
});
const FROM = hour('^([01]\\d|2[0-3]):[0-5]\\d$');
const TO = hour('^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$');

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const WINDOW = {
  type: 'object',
  additionalProperties: false,
  properties: {
    reason: { type: 'string', minLength: 1, maxLength: 200, description: 'What people are told.' },
    from: { type: 'string', description: 'First moment.' },
    to: { type: 'string', description: 'First moment after it.' },
    days: {
      type: 'array',
      items: { title: 'one of mon, tue, wed, thu, fri, sat, sun', enum: DAYS },
      minItems: 1,
      uniqueItems: true,
      description: 'Days on which it starts, every week; omitted = it comes once.',
    },
    symbols: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      description: 'Omitted = every symbol.',
    },
  },
  required: ['reason', 'from', 'to'],
  if: { properties: { days: { type: 'array' } }, required: ['days'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
  then: { properties: { from: FROM, to: TO } },
  else: { properties: { from: INSTANT, to: INSTANT } },
};

export const BLACKOUT_PROPERTIES = {
  zone: { type: 'string', minLength: 1, description: 'IANA zone, such as America/New_York.' },
  windows: { type: 'array', items: WINDOW, maxItems: 1000, description: 'When entries wait.' },
};

export const BLACKOUT_FILE_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
  properties: { $schema: { type: 'string' }, ...BLACKOUT_PROPERTIES },
  required: ['zone', 'windows'],
};
