import { expect, it } from 'vitest';
import { run } from '@/draft';
import { editFlow } from './commands';
import { addStep, connect, removeStep } from './graph';

const component = {
  dataflows: [{ id: 'save', steps: [{ id: 'read', type: 'get-action-model' }, { id: 'store', type: 'update-entry', sources: ['read'] }] }, { id: 'other' }],
};

it('changes the dataflow and nothing else', () => {
  const step = { id: 'filter', type: 'filter-source' };
  const next = run(component, editFlow('save', 'addStep', (flow) => addStep(flow, step, { source: 'read', target: 'store' })));
  expect(next.dataflows?.[0]?.steps?.map((one) => [one.id, one.sources])).toEqual([['read', undefined], ['filter', ['read']], ['store', ['filter']]]);
  expect(next.dataflows?.[1]).toBe(component.dataflows[1]);
  expect(component.dataflows[0]?.steps).toHaveLength(2);
});

it('is no step of undo when nothing changes', () => {
  expect(run(component, editFlow('save', 'connect', (flow) => connect(flow, { source: 'store', target: 'read' }, 1)))).toBe(component);
  expect(run(component, editFlow('gone', 'removeStep', (flow) => removeStep(flow, 'read')))).toBe(component);
});
