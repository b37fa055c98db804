import { describe, expect, it } from 'vitest';
import { nested } from '../document/testing';
import { placeOnRow, stepOf, visibleOrder } from './order';
import { summaryOf } from './summary';

const none = new Set<string>();
const folded = new Set(['panel']);

describe('the outline', () => {
  it('lists what is not folded', () => {
    expect(visibleOrder(nested, none)).toEqual(['page', 'title', 'panel', 'a', 'b', 'end']);
    expect(visibleOrder(nested, folded)).toEqual(['page', 'title', 'panel', 'end']);
  });

  it.each([
    ['ArrowDown', 'panel', none, { select: 'a' }],
    ['ArrowDown', 'panel', folded, { select: 'end' }],
    ['ArrowDown', 'end', none, undefined],
    ['ArrowDown', undefined, none, { select: 'page' }],
    ['ArrowUp', 'end', none, { select: 'b' }],
    ['ArrowUp', 'page', none, undefined],
    ['Home', 'b', none, { select: 'page' }],
    ['End', 'a', none, { select: 'end' }],
    ['ArrowRight', 'panel', folded, { unfold: 'panel' }],
    ['ArrowRight', 'panel', none, { select: 'a' }],
    ['ArrowRight', 'a', none, undefined],
    ['ArrowLeft', 'panel', none, { fold: 'panel' }],
    ['ArrowLeft', 'panel', folded, { select: 'page' }],
    ['ArrowLeft', 'a', none, { select: 'panel' }],
    ['Escape', 'a', none, { select: 'panel' }],
    ['Escape', 'page', none, undefined],
    ['x', 'page', none, undefined],
  ])('does for %s at %s', (key, chosen, closed, step) => {
    expect(stepOf(key, nested, closed, chosen)).toEqual(step);
  });

  it.each([
    ['the upper part of a row', 'title', 0.2, [], { parent: 'page', slot: 'children', index: 0 }],
    ['the lower part', 'title', 0.8, [], { parent: 'page', slot: 'children', index: 1 }],
    ['the middle of what takes children', 'panel', 0.5, ['children'], { parent: 'panel', slot: 'children', index: 2 }],
    ['the edge of what takes children', 'panel', 0.9, ['children'], { parent: 'page', slot: 'children', index: 2 }],
    ['the root', 'page', 0.1, ['children'], { parent: 'page', slot: 'children', index: 3 }],
  ])('takes a drop on %s', (_, row, part, slots, place) => {
    expect(placeOnRow(nested, row, part, slots)).toEqual(place);
  });

  it('says what a control is about', () => {
    const node = (props: object) => ({ type: 'x', name: 'x', slots: {}, props: { ...props } });
    expect(summaryOf(node({ field: 'A', label: 'Name' }))).toBe('Name');
    expect(summaryOf(node({ label: '', field: 'A' }))).toBe('A');
    expect(summaryOf(node({ text: { $expr: 'user.name' } }))).toBe('fx');
    expect(summaryOf(node({}))).toBe('');
  });
});
