import { expect, it } from 'vitest';
import { words } from './Schedules';

it.each([
  ['PT1H30M0S', '1 h 30 min'],
  ['PT15M0S', '15 min'],
  ['PT48H0M0S', '48 h'],
  ['PT1M30.5S', '1 min 30.5 s'],
  ['P1D', 'P1D'],
])('%s is %s', (duration, text) => expect(words(duration)).toBe(text));
