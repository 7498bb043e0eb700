// Builds that are broken on purpose, each in one place. A simulation that cannot catch them proves
// nothing.
import {
  Engine,
  type EngineEvent,
  type EngineRecord,
  type VenueEvent,
} from '@strategy-runner/core';
import { checkEntryGates } from '../../../core/src/policy/gates.js';
import { SYMBOL } from '../../support/world-config.js';
import type { Build } from './simulate.js';

type Effect = Engine['effects'][number];

/** Sends first and commits with the next batch. */
export const submitsBeforeCommit: Build = { outlivesProcess: false };

/** Takes every report of a trade for a new trade. */
export function forgetsTradeIds(): Build {
  let reports = 0;
  return {
    onDeliver: (event: VenueEvent) => {
      if (event.kind !== 'fill_reported') return event;
      reports += 1;
      return { ...event, tradeId: `${event.tradeId}.${reports}` };
    },
  };
}

/** Takes silence for absence: what nobody answered is sent again, and nobody is asked first. */
export const resendsWithoutAsking: Build = {
  onDeliver: (event) => {
    if (event.kind !== 'order_unknown') return event;
    return { kind: 'order_absent', ts: event.ts, order: event.order };
  },
  engine: class extends Engine {
    override process(event: EngineEvent): void {
      if (event.kind === 'order_absent') {
        super.process({ kind: 'order_unknown', ts: event.ts, order: event.order, detail: '' });
      }
      super.process(event);
    }
  },
};

/** Holds exits back with what holds entries back. */
export const gatesExits: Build = {
  engine: class extends Engine {
    override effect(effect: Effect): void {
      const isExit = effect.kind === 'submit' && effect.order.action === 'exit';
      const instance = this.config.instances[0]!.id;
      if (isExit && checkEntryGates(this, instance, SYMBOL) !== undefined) return;
      super.effect(effect);
    }
  },
};

/** Records a kill and goes on. */
export const ignoresKill: Build = {
  engine: class extends Engine {
    override emit(record: EngineRecord): void {
      const isKill = record.type === 'gate' && record.gate === 'killed';
      super.emit(isKill ? { ...record, isClosed: false } : record);
    }
  },
};

/** Lets a late acceptance put an order back that has filled in part. */
export const movesBackwards: Build = {
  engine: class extends Engine {
    override process(event: EngineEvent): void {
      super.process(event);
      if (event.kind !== 'order_accepted') return;
      const { ts, order, venueOrderId } = event;
      if (this.state.orders.get(order)?.status !== 'partially_filled') return;
      const moved = { status: 'accepted', cancelReason: null, code: '' } as const;
      this.emit({ type: 'order_moved', ts, order, venueOrderId, ...moved });
    }
  },
};

/** Books the fee of a maker's fill as zero. */
export const losesFees: Build = {
  engine: class extends Engine {
    override emit(record: EngineRecord): void {
      const isMaker = record.type === 'fill' && record.liquidity === 'maker';
      super.emit(isMaker ? { ...record, cash: record.cash + record.fee } : record);
    }
  },
};

/** Leaves a position as it was filled: no stop follows. */
export const leavesNaked: Build = {
  engine: class extends Engine {
    override emit(record: EngineRecord): void {
      if (record.type !== 'protection') super.emit(record);
    }
  },
};

/** After a restart it asks nobody what became of the orders that were under way. */
export const forgetsToAsk: Build = { alwaysCold: true };
