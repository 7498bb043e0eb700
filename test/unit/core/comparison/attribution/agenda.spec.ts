import { describe, expect, test } from 'vitest';
import { Agenda, type Due } from '../../../../../core/src/comparison/attribution/agenda.js';
import type { Place } from '../../../../../core/src/comparison/attribution/shock-book.js';

const START: Place = { at: 'start' };
const END: Place = { at: 'end' };
const after = (id: string): Place => ({ at: 'after', id });

function due(ordinal: number, place: Place, slotMs = 0): Due {
  return { ordinal, place, slotMs, tell: () => undefined };
}

const ordinals = (found: readonly Due[]): readonly number[] => found.map(({ ordinal }) => ordinal);

describe('what waits to be told', () => {
  test('is told at its place in the order in which live heard it', () => {
    const agenda = new Agenda([]);
    agenda.open(1, 100);
    for (const one of [due(5, START), due(3, START), due(4, after('a')), due(2, END)]) {
      agenda.add(one, 1, 1);
    }
    expect(ordinals(agenda.at(START))).toEqual([3, 5]);
    expect(ordinals(agenda.at(START))).toEqual([]);
    expect(ordinals(agenda.at(after('b')))).toEqual([]);
    expect(ordinals(agenda.at(after('a')))).toEqual([4]);
    expect(ordinals(agenda.at(END))).toEqual([2]);
  });

  test('waits for its slot, and is dropped when that is over', () => {
    const agenda = new Agenda([]);
    agenda.open(1, 100);
    agenda.add(due(1, START), 3, 1);
    agenda.add(due(2, START), 0, 1);
    expect(ordinals(agenda.at(START))).toEqual([]);
    agenda.open(3, 300);
    expect(ordinals(agenda.at(START))).toEqual([1]);
  });

  test('at its own time comes in the slot that the time falls into', () => {
    const agenda = new Agenda([due(2, START, 150), due(1, START, 0)]);
    agenda.open(0, 100);
    expect(ordinals(agenda.at(START))).toEqual([1]);
    agenda.open(1, 200);
    expect(ordinals(agenda.at(START))).toEqual([2]);
  });

  test('is told last where its place does not come up', () => {
    const agenda = new Agenda([]);
    agenda.open(1, 100);
    agenda.add(due(9, after('never')), 1, 1);
    agenda.add(due(7, after('nor this')), 1, 1);
    expect([agenda.leftOver(), agenda.leftOver()].map((one) => one?.ordinal)).toEqual([7, 9]);
    expect(agenda.leftOver()).toBeUndefined();
  });
});
