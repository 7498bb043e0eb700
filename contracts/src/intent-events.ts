// What the host tells a plugin about its intents. The types are generated from the schema.
export type {
  DeniedEvent,
  EventFill,
  FallbackUsedEvent,
  FilledEvent,
  IntentEvent,
  Normalization,
  NormalizedEvent,
  ProgressEvent,
  RejectedEvent,
} from './generated/intent-event.js';
