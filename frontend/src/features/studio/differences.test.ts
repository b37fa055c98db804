import { expect, it } from 'vitest';
import type { Component } from '@/api';
import { differences } from './differences';

const component: Component = {
  id: 'invoice',
  pages: [{ id: 'all', title: 'All invoices', document: { root: 'p', nodes: { n1: { type: 'data-grid', name: 'grid' } } } }],
};

it('tells how a version differs', () => {
  const now: Component = {
    ...component,
    pages: [{ id: 'all', title: 'Every invoice', roles: [], document: { root: 'p', nodes: {} } }],
  };
  expect(differences(component, now, 'pages/all')).toEqual([
    { path: 'title', value: 'Every invoice' },
    { path: 'document.nodes.n1', value: undefined },
  ]);
  // What is empty says as much as what is not there.
  const filled: Component = { ...component, pages: [{ ...component.pages?.[0], document: { root: 'p', nodes: { n1: { type: 'data-grid', name: 'grid', slots: {}, props: {} } } } }] };
  expect(differences(component, filled, 'pages/all')).toEqual([]);
  expect(differences(filled, { ...filled, pages: [...(filled.pages ?? [])].map((page) => ({ ...page })) }, 'pages/all')).toEqual([]);
  expect(differences(component, { ...component, pages: [] }, 'pages/all')).toEqual([{ path: '', value: undefined }]);
});
