// Black-out windows as people write them, made into what the engine decides by: moments in UTC, and
// for weekly ones the minutes of the week with every change of the zone's clock. Time zones end
// here; the engine knows none.
import type { BlackoutPlan, BlackoutWindow } from '@strategy-runner/core';
import { type DateTime, IANAZone, DateTime as Times } from 'luxon';
import { EXIT, RunnerError } from '../errors.js';
import { DAYS } from './blackout-schema.js';

export interface BlackoutWindowSetting {
  readonly reason: string;
  readonly from: string;
  readonly to: string;
  readonly days?: readonly (typeof DAYS)[number][];
  readonly symbols?: readonly string[];
}

export interface BlackoutSettings {
  readonly zone: string;
  readonly windows: readonly BlackoutWindowSetting[];
}

export interface PlanOptions {
  /** Where the settings are, for messages. */
  readonly source: string;
  /** First and last moment that is known of; the zone's clock is followed for years beyond. */
  readonly firstMs: number;
  readonly lastMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAYS_BEYOND = 3653;

/** Errors: CONFIG_INVALID (78). */
export function blackoutPlan(settings: BlackoutSettings, options: PlanOptions): BlackoutPlan {
  const { source } = options;
  const zone = IANAZone.create(settings.zone);
  if (!zone.isValid) throw invalid(source, '/zone', `${settings.zone} is no IANA time zone`);
  const windows = settings.windows.map((window, place) =>
    windowOf(window, zone, { source, place }),
  );
  const isWeekly = windows.some(({ kind }) => kind === 'weekly');
  return { windows, offsets: isWeekly ? offsetsOf(zone, options) : [] };
}

interface At {
  readonly source: string;
  readonly place: number;
}

function windowOf(setting: BlackoutWindowSetting, zone: IANAZone, at: At): BlackoutWindow {
  const { reason, days, from, to } = setting;
  const scope = { reason, symbols: setting.symbols ?? null };
  if (days !== undefined) {
    const starts = days.map((day) => DAYS.indexOf(day)).sort((a, b) => a - b);
    const minutes = { fromMinute: minuteOf(from), toMinute: minuteOf(to) };
    return { kind: 'weekly', ...scope, days: starts, ...minutes };
  }
  const fromMs = Math.min(...instantsOf(from, zone, { ...at, field: 'from' }));
  const toMs = Math.max(...instantsOf(to, zone, { ...at, field: 'to' }));
  if (toMs > fromMs) return { kind: 'once', ...scope, fromMs, toMs };
  throw invalid(at.source, `/windows/${at.place}/to`, `${to} is not after ${from}`);
}

function minuteOf(hour: string): number {
  const [hours = 0, minutes = 0] = hour.split(':').map(Number);
  return hours * 60 + minutes;
}

// An hour that the clock repeats is meant both times. One that it leaves out nobody can mean.
function instantsOf(
  text: string,
  zone: IANAZone,
  { source, place, field }: At & { readonly field: string },
): readonly number[] {
  const time: DateTime = Times.fromISO(text, { zone });
  const pointer = `/windows/${place}/${field}`;
  if (!time.isValid) throw invalid(source, pointer, `${text} is no date`);
  if (/(?:Z|[+-]\d{2}:\d{2})$/.test(text)) return [time.toMillis()];
  const shown = time.toFormat("yyyy-MM-dd'T'HH:mm:ss");
  if (!shown.startsWith(text)) {
    throw invalid(source, pointer, `${text} is left out by the clocks of ${zone.name}`);
  }
  return time.getPossibleOffsets().map((possible) => possible.toMillis());
}

/** Looked at day by day; a change is found to the minute. */
function offsetsOf(zone: IANAZone, { firstMs, lastMs }: PlanOptions): BlackoutPlan['offsets'] {
  let dayMs = Math.floor(firstMs / DAY_MS) * DAY_MS - DAY_MS;
  const offsets = [{ fromMs: dayMs, offsetMs: zone.offset(dayMs) * MINUTE_MS }];
  for (const endMs = lastMs + DAYS_BEYOND * DAY_MS; dayMs < endMs; dayMs += DAY_MS) {
    const before = zone.offset(dayMs);
    const after = zone.offset(dayMs + DAY_MS);
    if (before === after) continue;
    let [low, high] = [dayMs, dayMs + DAY_MS];
    while (high - low > MINUTE_MS) {
      const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
      if (zone.offset(middle) === before) low = middle;
      else high = middle;
    }
    offsets.push({ fromMs: high, offsetMs: after * MINUTE_MS });
  }
  return offsets;
}

export function invalid(source: string, pointer: string, what: string): RunnerError {
  return new RunnerError({
    code: 'CONFIG_INVALID',
    exitCode: EXIT.configuration,
    message: `${source}: ${pointer === '' ? 'the file' : pointer} ${what}`,
    next: 'correct it; black-out windows are described in docs/BLACKOUT.md',
  });
}
