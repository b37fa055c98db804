import { describe, expect, it } from 'vitest';
import { Decimal } from './decimal';
import type { Json } from './json';
import { type FieldKind, Instant } from './value';
import { decode, decodeUntyped, encode, equal, MismatchError } from './wire';

describe('wire form', () => {
  it.each<[FieldKind, Json, Json]>([
    ['string', 'Müller', 'Müller'],
    ['integer', 12, 12],
    ['integer', '9223372036854775807', '9223372036854775807'],
    ['integer', '-9223372036854775808', '-9223372036854775808'],
    ['number', '12.50', '12.5'],
    ['number', 3, '3'],
    ['number', '12345678901234567890.123456789012345678', '12345678901234567890.123456789012345678'],
    ['boolean', false, false],
    ['date', '2024-02-29', '2024-02-29'],
    ['time', '23:59:59.999999', '23:59:59.999999'],
    ['datetime', '2026-01-31T13:05:00.123456Z', '2026-01-31T13:05:00.123456Z'],
    ['datetime', '2026-01-31T13:05:00.120000+02:00', '2026-01-31T11:05:00.12Z'],
    ['uri', 'https://example.com/', 'https://example.com/'],
    ['file', 'f1', 'f1'],
    ['catalog', 'e1', 'e1'],
    ['array', ['e1', 'e2'], ['e1', 'e2']],
    ['number', null, null],
  ])('%s %j comes back as %j', (kind, wire, canonical) => {
    expect(encode(decode(wire, kind))).toEqual(canonical);
  });

  it.each<[FieldKind, Json]>([
    ['integer', 1.5],
    ['integer', '9223372036854775808'],
    ['integer', true],
    ['number', 'twelve'],
    ['number', '1'.repeat(39)],
    ['number', `0.${'1'.repeat(19)}`],
    ['boolean', 'true'],
    ['date', '2023-02-29'],
    ['date', '0000-01-01'],
    ['time', '24:00:00'],
    ['datetime', '2026-01-31 13:05:00'],
    ['datetime', '2026-02-30T00:00:00Z'],
    ['string', 3],
    ['array', 'e1'],
  ])('%s refuses %j', (kind, wire) => {
    expect(() => decode(wire, kind)).toThrow(MismatchError);
  });

  it('reads JSON without a type as the server does', () => {
    const value = decodeUntyped({ n: 1, d: 1.5, text: '2026-01-31', list: [null, true], gone: undefined });
    expect(equal(value, { n: 1n, d: Decimal.parse('1.5') ?? null, text: '2026-01-31', list: [null, true] })).toBe(true);
  });

  it('compares by value', () => {
    expect(equal(1n, Decimal.parse('1.0') ?? null)).toBe(true);
    expect(equal('1', 1n)).toBe(false);
    expect(equal(new Instant('2026-01-31T13:05:00Z'), new Instant('2026-01-31T13:05:00Z'))).toBe(true);
    expect(equal([1n], [1n, 2n])).toBe(false);
    expect(equal({ a: null }, {})).toBe(false);
  });
});

describe('Decimal', () => {
  it.each([
    ['0.5', 0, '1'],
    ['-0.5', 0, '-1'],
    ['2.345', 2, '2.35'],
    ['-2.344', 2, '-2.34'],
    ['7', 2, '7.00'],
    ['-0.004', 2, '0.00'],
  ])('%s to %i digits is %s', (text, scale, want) => {
    expect(Decimal.parse(text)?.toFixed(scale)).toBe(want);
  });

  it.each(['', '.', '-', '1.2.3', '0x10', 'NaN', '1e9999'])('%j is no number', (text) => {
    expect(Decimal.parse(text)).toBeUndefined();
  });

  it('writes canonical text', () => {
    expect(['1e-3', '+5', '.5', '-0', '100', '1.500'].map((text) => Decimal.parse(text)?.toString())).toEqual([
      '0.001', '5', '0.5', '0', '100', '1.5',
    ]);
  });

  it('orders numbers of any scale', () => {
    const sorted = ['10', '9.99', '-1', '0.1'].map((text) => Decimal.parse(text)).filter((d) => d !== undefined);
    expect(sorted.sort((a, b) => a.compare(b)).map(String)).toEqual(['-1', '0.1', '9.99', '10']);
  });
});
