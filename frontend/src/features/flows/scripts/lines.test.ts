import { expect, it } from 'vitest';
import { lineOf } from './lines';

it('finds the innermost line', () => {
  expect(lineOf('ValueError: bad total (line 3)')).toBe(3);
  expect(lineOf('File "script.py", line 9, in main\n line 12')).toBe(12);
  expect(lineOf('the deadline 3 passed')).toBe(0);
});
