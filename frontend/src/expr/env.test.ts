// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { Decimal } from '@/values/decimal';
import { Day, Reference } from '@/values/value';
import { Env } from './env';
import { evaluate, type Evaluated } from './evaluator';
import { problemText } from './problem';
import type { Model } from './type';

const model: Model = {
  objects: [{ id: 'customer', name: 'Customer', fields: [{ id: 'c1', name: 'name', type: { kind: 'text' } }] }],
  variables: [
    { id: 'a', name: 'a', type: { kind: 'int' } },
    { id: 's', name: 's', type: { kind: 'text' } },
    { id: 'x', name: 'x', type: { kind: 'any' } },
    { id: 'nums', name: 'nums', type: { kind: 'list', elem: { kind: 'int' } } },
    { id: 'customer', name: 'customer', type: { kind: 'ref', component: 'customer' } },
  ],
};

const env = new Env(model);

function problemsOf(text: string): string[] {
  const compiled = env.compile(text);
  return compiled.ok ? [] : compiled.problems.map(problemText);
}

function answer(text: string, variables: Parameters<typeof evaluate>[1] = {}, ...rest: [Parameters<typeof evaluate>[2]?]): Evaluated {
  const compiled = env.compile(text);
  if (!compiled.ok) throw new Error(compiled.problems.map(problemText).join('; '));
  return evaluate(compiled.program, variables, ...rest);
}

describe('limits', () => {
  it.each([
    ['a text that is too long', `'${'ä'.repeat(5000)}'`, 'the expression is longer than 8192 bytes'],
    ['too many parts', `[${'a,'.repeat(2100)}a]`, 'the expression has more than 2000 parts'],
    ['deep parentheses', `${'('.repeat(200)}1${')'.repeat(200)}`, 'the expression is nested too deeply'],
    ['a long chain', `1${'+1'.repeat(200)}`, 'the expression is nested too deeply'],
    ['deep lists', `${'['.repeat(40)}${']'.repeat(40)}`, 'lists, maps and loops are nested deeper than 32 levels'],
  ])('%s is a problem', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it('takes long chains of && and loops within loops', () => {
    expect(problemsOf(`a == 1${' && a == 1'.repeat(300)}`)).toEqual([]);
    const loops = Array.from({ length: 15 }, (_, i) => `nums.map(v${i}, `).join('');
    expect(problemsOf(`${loops}1${')'.repeat(15)}`)).toEqual([]);
  });

  it.each([
    ['work', 'nums.map(b, nums.map(c, nums.map(d, nums.map(e, nums.map(f, b)))))'],
    ['text', "nums.map(b, s + s + s + s + s + s + s + s).map(c, c + c + c + c)"],
    ['work that || would absorb', 'nums.exists(b, nums.all(c, nums.all(d, nums.all(e, nums.all(f, f > 0))))) || true'],
  ])('ends too much %s', (_, text) => {
    const nums = Array.from({ length: 20 }, (_item, i) => BigInt(i + 1));
    expect(answer(text, { nums, s: 'x'.repeat(5000) })).toMatchObject({ ok: false, reason: 'EXPRESSION_COST' });
  });

  it('ends a pattern that would take too long', () => {
    expect(answer(`s.matches('(a?){100}a{100}')`, { s: 'a'.repeat(10_000) })).toMatchObject({ ok: false });
  });
});

describe('programs', () => {
  it('are kept, and the ones that were not asked for go', () => {
    const small = new Env(model, { programs: 2 });
    const first = small.compile('a + 1');
    expect(small.compile('a + 1')).toBe(first);
    small.compile('a + 2');
    small.compile('a + 1');
    small.compile('a + 3');
    expect(small.compile('a + 1')).toBe(first);
    expect(small.compile('a + 2')).not.toBe(undefined);
  });

  it('name what they read', () => {
    const compiled = env.compile('customer.name + string(a)');
    expect(compiled.ok && compiled.program.references.map(({ path, id }) => [path, id])).toEqual([
      ['customer', 'customer'],
      ['customer.name', 'c1'],
      ['a', 'a'],
    ]);
  });
});

describe('references', () => {
  it('are followed when the entry is at hand', () => {
    const resolve = (component: string, id: string) => ({ name: `${component} ${id}` });
    expect(answer('customer.name', { customer: new Reference('c1') }, resolve)).toEqual({ ok: true, value: 'customer c1' });
  });

  it('say what is missing when it is not', () => {
    expect(answer('customer.name', { customer: new Reference('c1') })).toEqual({
      ok: false,
      reason: 'ENTRY_NOT_LOADED',
      problem: 'the entry of ref(customer) that this expression reads is not loaded',
      missing: { component: 'customer', id: 'c1' },
    });
  });
});

it('keeps names of objects to themselves', () => {
  expect(answer("x.constructor == null && x['__proto__'] == null && !('toString' in x)", { x: {} })).toEqual({ ok: true, value: true });
  expect(answer("{'__proto__': 1}")).toMatchObject({ ok: true });
  expect(problemsOf('toString()')).toEqual(['1:9: unknown name `toString`, did you mean `string`?']);
  expect(problemsOf('constructor')).toEqual(['1:1: unknown name `constructor`']);
});

it('changes no value that it is given', () => {
  const nums = Object.freeze([3n, 1n]);
  expect(answer('nums.map(n, n + 1) + nums', { nums })).toEqual({ ok: true, value: [4n, 2n, 3n, 1n] });
  expect(nums).toEqual([3n, 1n]);
});

it('refuses models with wrong names', () => {
  const field = (name: string) => ({ id: '', name, type: { kind: 'int' } as const });
  expect(() => new Env({ objects: [], variables: [field('a b')] })).toThrow('variable "a b"');
  expect(() => new Env({ objects: [], variables: [field('in')] })).toThrow('variable "in"');
  expect(() => new Env({ objects: [], variables: [field('a'), field('a')] })).toThrow('given twice');
  expect(() => new Env({ objects: [{ id: 'o', name: 'o', fields: [field('a'), field('a')] }], variables: [] })).toThrow('given twice');
});

it('never throws, whatever the text is', () => {
  const parts = [
    'a', 's', 'x', 'nums', '.', '(', ')', '[', ']', '{', '}', ',', ':', '?', '+', '-', '*', '/', '%', '==', '<', '&&', '||', '!', "'", '"', '`',
    'r"', '\\', '\\u', '1', '0x', '1e9', '.5', '1u', 'null', 'true', 'in', 'has', 'map', 'filter', 'exists', 'size', '🙂', '\n', ' ', '//',
    '@result', '__proto__', 'date', "'2026-01-31'", 'matches', "'('",
  ];
  let seed = 7;
  const next = (limit: number) => (seed = (seed * 48_271) % 2_147_483_647) % limit;
  const values = { a: 1n, s: 'text', x: { k: [1n, null] }, nums: [1n, 2n] };
  let compiledAny = 0;
  for (let i = 0; i < 5000; i++) {
    const text = Array.from({ length: 1 + next(9) }, () => parts[next(parts.length)] ?? '').join('');
    const compiled = env.compile(text);
    if (compiled.ok) {
      compiledAny++;
      evaluate(compiled.program, values);
    } else {
      expect(compiled.problems.length).toBeGreaterThan(0);
    }
  }
  expect(compiledAny).toBeGreaterThan(50);
});

it('takes values that do not have their declared type', () => {
  expect(answer('a + 1', { a: 'text' })).toMatchObject({ ok: false, problem: '+ cannot be applied to text and int' });
  expect(answer('nums.size()', { nums: new Day('2026-01-31') })).toMatchObject({ ok: false });
  expect(answer('a', { a: Decimal.parse('1.5') ?? null })).toMatchObject({ ok: true });
});
