import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { control as grid } from '../grid';
import { show } from '../input/testing';
import { control as label } from '../label';
import { control as tabs } from '../tab-control';
import { control as textField } from '../text-field';
import { control } from '.';

const leaf = (text: string) => ({ type: 'label', props: { text } });

it('a panel stands its children in a row or in a column', async () => {
  const nodes = (props: Record<string, string>) => ({ root: { type: 'panel', props, slots: { children: ['a'] } }, a: leaf('A') });
  const { container, unmount } = await show({ controls: [control, label], nodes: nodes({ orientation: 'horizontal', justify: 'end', heading: 'Address' }) });
  const group = screen.getByRole('group', { name: 'Address' });
  expect(getComputedStyle(group.lastElementChild as Element)).toMatchObject({ flexDirection: 'row', flexWrap: 'wrap', justifyContent: 'flex-end' });
  unmount();
  await show({ controls: [control, label], nodes: nodes({}) });
  expect(screen.queryByRole('group')).toBeNull();
  expect(getComputedStyle(screen.getByText('A').closest('[data-node=a]')?.parentElement as Element).flexDirection).toBe('column');
  expect(container).toBeTruthy();
});

it('a grid gives its children the share of a column and forgets the spans around it', async () => {
  await show({
    controls: [grid, label],
    nodes: { root: { type: 'grid', props: { columns: 3, span: { desktop: 6 } }, slots: { children: ['a'] } }, a: leaf('A') },
  });
  const style = getComputedStyle(screen.getByText('A').closest('[data-node=a]')?.parentElement as Element);
  expect(style.display).toBe('grid');
  expect([style.getPropertyValue('--aq-phone'), style.getPropertyValue('--aq-tablet'), style.getPropertyValue('--aq-desktop')]).toEqual(['initial', '4', 'initial']);
});

it('tabs are those with a title, change by keyboard, and keep what was typed', async () => {
  const { sent } = await show({
    controls: [tabs, label, textField],
    fields: [{ name: 'title', title: 'Title', type: 'FIELD_TYPE_STRING' }],
    nodes: {
      root: { type: 'tab-control', props: { tab1: 'First', tab3: 'Third' }, slots: { tab1: ['f'], tab2: ['x'], tab3: ['a'] } },
      f: { type: 'text-field', props: { field: 'title' } },
      x: leaf('X'),
      a: leaf('A'),
    },
  });
  expect(screen.getAllByRole('tab').map((tab) => tab.textContent)).toEqual(['First', 'Third']);
  await userEvent.type(screen.getByRole('textbox'), 'kept');
  expect(screen.queryByText('X')).toBeNull();
  expect(screen.getByText('A').closest('[hidden]')).not.toBeNull();
  await userEvent.click(screen.getByRole('tab', { name: 'First' }));
  await userEvent.keyboard('{ArrowRight}{Enter}');
  expect(screen.getByRole('tabpanel', { name: 'Third' }).textContent).toBe('A');
  expect(sent()).toEqual({ title: 'kept' });
});
