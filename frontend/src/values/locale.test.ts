import { afterEach, expect, it, vi } from 'vitest';
import { Decimal } from './decimal';
import { formatValue } from './format';
import { localeOf } from './locale';
import { Day } from './value';

afterEach(() => vi.unstubAllGlobals());

it.each<[string, string[], string]>([
  ['en', ['en-GB', 'en'], 'en-GB'],
  ['de', ['de-AT', 'de', 'en-US'], 'de-AT'],
  ['en', ['de-AT', 'en-US'], 'en-US'],
  ['en', ['en', 'en-GB'], 'en-GB'],
  ['de', ['de', 'en-US'], 'de'],
  ['en', ['de-AT'], 'en-AT'],
  ['en', ['fr'], 'en'],
  ['en', ['en-US@posix', 'C'], 'en'],
  ['en', [], 'en'],
])('%s in a browser of %j is %s', (language, wanted, want) => {
  expect(localeOf(language, wanted)).toBe(want);
});

it('writes days and numbers as in the region of the browser', () => {
  vi.stubGlobal('navigator', { languages: ['en-GB'] });
  expect(formatValue(new Day('2026-01-31'), 'en')).toBe('31 Jan 2026');
  vi.stubGlobal('navigator', { languages: ['de-AT'] });
  expect(formatValue(Decimal.parse('1234567.125') ?? null, 'de')).toMatch(/^1.234.567,125$/);
});
