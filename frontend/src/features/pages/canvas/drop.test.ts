import { describe, expect, it } from 'vitest';
import { nested } from '../document/testing';
import { dropAt, type Layout, nodeAt, type Rect } from './drop';

/**
 *   page 0..400 × 0..300
 *     title 20..380 × 20..40
 *     panel 20..380 × 60..160: a 30..190 × 80..120 | b 210..370 × 80..120
 *     end   20..380 × 180..210
 */
const rects: Record<string, Rect> = {
  page: { left: 0, right: 400, top: 0, bottom: 300 },
  title: { left: 20, right: 380, top: 20, bottom: 40 },
  panel: { left: 20, right: 380, top: 60, bottom: 160 },
  a: { left: 30, right: 190, top: 80, bottom: 120 },
  b: { left: 210, right: 370, top: 80, bottom: 120 },
  end: { left: 20, right: 380, top: 180, bottom: 210 },
};
const layout: Layout = { rectOf: (id) => rects[id], slotOf: (id) => (id === 'page' || id === 'panel' ? 'children' : undefined) };
const place = (x: number, y: number, dragged?: string) => dropAt(nested, layout, { x, y }, dragged)?.place;

describe('nodeAt', () => {
  it.each([
    [100, 100, 'a'],
    [200, 100, 'panel'],
    [100, 250, 'page'],
    [500, 100, undefined],
  ])('finds what is at %i, %i', (x, y, id) => {
    expect(nodeAt(nested, layout, { x, y })).toBe(id);
  });
});

describe('dropAt', () => {
  it.each([
    ['above the first', 200, 22, 'page', 0],
    ['below the first', 200, 38, 'page', 1],
    ['at the end of the page', 200, 290, 'page', 3],
    ['at the edge of a panel, which is before it', 200, 63, 'page', 1],
    ['left of the first in a row', 40, 100, 'panel', 0],
    ['between two in a row', 215, 100, 'panel', 1],
    ['right of the last in a row', 360, 100, 'panel', 2],
    ['in the empty part of a panel, by its nearest child', 360, 150, 'panel', 2],
  ])('puts something %s', (_, x, y, parent, index) => {
    expect(place(x, y)).toEqual({ parent, slot: 'children', index });
  });

  it('does not put a node into itself', () => {
    expect(place(100, 100, 'panel')?.parent).toBe('page');
  });

  it('draws its line between rows, or upright between columns', () => {
    expect(dropAt(nested, layout, { x: 200, y: 38 })?.line).toEqual({ x: 20, y: 46, length: 360, upright: false });
    expect(dropAt(nested, layout, { x: 40, y: 100 })?.line).toEqual({ x: 24, y: 80, length: 40, upright: true });
  });

  it('goes into an empty container', () => {
    const empty = { ...nested, nodes: { ...nested.nodes, panel: { type: 'panel', name: 'panel', props: {}, slots: {} } } };
    const drop = dropAt(empty, layout, { x: 200, y: 100 });
    expect(drop?.place).toEqual({ parent: 'panel', slot: 'children', index: 0 });
    expect(drop?.line).toEqual({ x: 28, y: 110, length: 344, upright: false });
  });
});
