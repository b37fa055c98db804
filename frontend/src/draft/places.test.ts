import { expect, it } from 'vitest';
import type { Component } from '@/api';
import { placeOf, sorted } from './places';

const component: Component = {
  id: 'invoice',
  model: { fields: [{ id: 'f', name: 'Total', title: 'Total value' }] },
  pages: [{ id: 'all', title: 'All invoices', document: { root: 'p', nodes: { n1: { type: 'data-grid', name: 'grid' } } } }],
};

it.each([
  ['pages/all/nodes/n1/props/columns/0/field', { to: 'pages/all?at=nodes%2Fn1%2Fprops%2Fcolumns%2F0%2Ffield', kind: 'page', name: 'All invoices', within: ['grid', 'columns', '1', 'field'] }],
  ['dataflows/save/steps/store/params/component', { to: 'dataflows/save?at=steps%2Fstore%2Fparams%2Fcomponent', kind: 'dataflow', name: 'save', within: ['store', 'component'] }],
  ['model/fields/Total/primary_key', { to: 'model?at=Total%2Fprimary_key', kind: 'field', name: 'Total value', within: ['primary key'] }],
  ['settings/access/0/role', { to: '', kind: 'settings', name: '', within: ['access', '1', 'role'] }],
  ['', { to: '', kind: 'component', name: '', within: [] }],
])('%s', (path, want) => {
  expect(placeOf({ path }, component)).toEqual(want);
});

it('puts errors first', () => {
  const [a, b, c] = [{ message: 'a', severity: 'SEVERITY_WARNING' }, { message: 'b', severity: 'SEVERITY_ERROR' }, { message: 'c', severity: 'SEVERITY_WARNING' }] as const;
  expect(sorted([a, b, c])).toEqual([b, a, c]);
});
