import { expect, it } from 'vitest';
import type { Json } from '@/values/json';
import { type DocumentError, readDocument } from './document';

const leaf: Json = { type: 'label', name: 'a', props: {}, slots: {} };
const box = (...children: string[]): Json => ({ type: 'page', name: 'p', props: {}, slots: { children } });

it('reads a document', () => {
  const document = readDocument({ root: 'p', nodes: { p: box('a'), a: { type: 'label' } } });
  expect(document.nodes.a).toEqual({ type: 'label', name: 'a', props: {}, slots: {} });
});

const chain = (length: number): Record<string, Json> =>
  Object.fromEntries(Array.from({ length }, (_, i) => [`n${i}`, i === length - 1 ? leaf : box(`n${i + 1}`)]));

it.each<[string, Json | undefined, DocumentError['reason']]>([
  ['nothing', undefined, 'not-a-document'],
  ['text', 'page', 'not-a-document'],
  ['a node without a type', { root: 'p', nodes: { p: { name: 'x' } } }, 'not-a-document'],
  ['a slot that is no list', { root: 'p', nodes: { p: { type: 'page', slots: { children: 'a' } } } }, 'not-a-document'],
  ['a missing root', { root: 'q', nodes: { p: leaf } }, 'no-root'],
  ['a root that every object has', { root: 'toString', nodes: { p: leaf } }, 'no-root'],
  ['a missing child', { root: 'p', nodes: { p: box('gone') } }, 'unknown-node'],
  ['a child in two places', { root: 'p', nodes: { p: box('a', 'a'), a: leaf } }, 'shared-node'],
  ['a circle', { root: 'p', nodes: { p: box('q'), q: box('p') } }, 'shared-node'],
  ['65 levels', { root: 'n0', nodes: chain(65) }, 'too-deep'],
])('refuses %s', (_what, json, reason) => {
  expect(() => readDocument(json)).toThrow(expect.objectContaining({ name: 'DocumentError', reason }));
});

it('takes 64 levels, and names that objects have', () => {
  expect(readDocument({ root: 'n0', nodes: chain(64) }).root).toBe('n0');
  const json = JSON.parse('{"root":"__proto__","nodes":{"__proto__":{"type":"page"}}}') as Json;
  expect(readDocument(json).root).toBe('__proto__');
});
