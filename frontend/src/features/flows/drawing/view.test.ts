import { expect, it } from 'vitest';
import { fits, viewOf } from './view';

const surface = { width: 848, height: 448 };

it('shows a small drawing in the middle, no larger than it is', () => {
  expect(viewOf({ x: 0, y: 0, width: 400, height: 54 }, surface)).toEqual({ zoom: 1, x: 224, y: 197 });
  expect(fits({ width: 400, height: 54 }, surface)).toBe(true);
});

it('makes one smaller as long as it can be read', () => {
  expect(viewOf({ x: 10, y: 0, width: 1000, height: 100 }, surface)).toEqual({ zoom: 0.8, x: 16, y: 184 });
});

it('shows where a long one begins', () => {
  const long = { x: 100, y: 20, width: 3000, height: 400 };
  expect(viewOf(long, surface)).toEqual({ zoom: 0.75, x: -51, y: 59 });
  expect(fits(long, surface)).toBe(false);
});
