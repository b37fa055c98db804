import { describe, expect, it } from 'vitest';
import { nodesWithProblems, problemsAt } from './problems';

const problems = [
  { path: 'pages/all/nodes/grid/props/columns/0/field', message: 'no field' },
  { path: 'pages/all/nodes/grid/props/columns/1/field', message: 'no other' },
  { path: 'pages/all/nodes/grid', message: 'stands in no slot' },
  { path: 'pages/all/nodes/grid2/props/field', message: 'another node' },
  { path: 'pages/one/nodes/grid/props/field', message: 'another page' },
  { path: 'pages/all/document', message: 'the whole page' },
];

describe('the problems of a page', () => {
  it('are found by node and setting', () => {
    const { settings, rest } = problemsAt(problems, 'all', 'grid');
    expect([...settings]).toEqual([['columns', ['no field', 'no other']]]);
    expect(rest).toEqual(['stands in no slot']);
  });

  it('mark the nodes that have some', () => {
    expect([...nodesWithProblems(problems, 'all')]).toEqual(['grid', 'grid2']);
  });
});
