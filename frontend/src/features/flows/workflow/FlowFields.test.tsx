import { fireEvent, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { beforeAll, expect, it, vi } from 'vitest';
import en from '../locales/en.json';
import { kindOf, type Settings } from './document';
import { FlowFields, withAt } from './FlowFields';

const texts = i18next.createInstance();
beforeAll(() => texts.use(initReactI18next).init({ lng: 'en', resources: { en: { flows: en } }, interpolation: { escapeValue: false } }));

function draw(settings: Settings) {
  const change = vi.fn<(settings: Settings, what: string) => void>();
  const handler = vi.fn();
  const task = { name: 'decide', settings, path: 'do/0/decide', kind: kindOf(settings) };
  render(
    <I18nextProvider i18n={texts}>
      <FlowFields task={task} names={['decide', 'ask', 'store']} onChange={change} onAdd={handler} />
    </I18nextProvider>,
  );
  return { change, handler };
}

it('sets a member at a path, and leaves no empty objects behind', () => {
  expect(withAt({ a: 1 }, ['b', 'c'], 2)).toEqual({ a: 1, b: { c: 2 } });
  expect(withAt({ a: 1, b: { c: 2 } }, ['b', 'c'], undefined)).toEqual({ a: 1 });
  expect(withAt({ a: 1, b: { c: 2, d: 3 } }, ['b', 'c'], undefined)).toEqual({ a: 1, b: { d: 3 } });
});

it('edits the cases of a switch, without the task itself as a target', async () => {
  const { change } = draw({ switch: [{ small: { when: '${ true }', then: 'store' } }, { rest: { then: 'ask' } }], then: 'end' });
  const small = within(screen.getByRole('group', { name: 'small' }));
  fireEvent.change(small.getByLabelText('Condition'), { target: { value: '${ input.total < 5 }' } });
  expect(change.mock.lastCall?.[0]).toEqual({ switch: [{ small: { when: '${ input.total < 5 }', then: 'store' } }, { rest: { then: 'ask' } }], then: 'end' });
  await userEvent.click(small.getByLabelText('Goes on with'));
  expect(screen.getAllByRole('option').map((option) => option.textContent)).toEqual(['The next task', 'ask', 'store', 'The end of this list', 'The end of the workflow']);
  await userEvent.click(screen.getByRole('option', { name: 'The end of the workflow' }));
  expect(change.mock.lastCall?.[0].switch).toEqual([{ small: { when: '${ true }', then: 'end' } }, { rest: { then: 'ask' } }]);
  await userEvent.click(screen.getByRole('button', { name: 'Remove rest' }));
  expect(change.mock.lastCall?.[0].switch).toEqual([{ small: { when: '${ true }', then: 'store' } }]);
});

it('puts a new case before those that always hold', async () => {
  const { change } = draw({ switch: [{ rest: { then: 'ask' } }] });
  await userEvent.click(screen.getByRole('button', { name: 'Add case' }));
  expect(change.mock.lastCall?.[0].switch).toEqual([{ case: { when: '${ false }', then: 'continue' } }, { rest: { then: 'ask' } }]);
});

it('edits which errors a try task takes, and keeps what else is there', async () => {
  const { change, handler } = draw({ try: [{ a: { set: 1 } }], catch: { exceptWhen: '${ false }' } });
  fireEvent.change(screen.getByLabelText('Only with status'), { target: { value: '503' } });
  expect(change.mock.lastCall?.[0].catch).toEqual({ exceptWhen: '${ false }', errors: { with: { status: 503 } } });
  await userEvent.click(screen.getByRole('button', { name: 'Add tasks for errors' }));
  expect(handler).toHaveBeenCalledOnce();
});

it('edits what a loop goes through', () => {
  const { change } = draw({ for: { in: '${ input }', each: 'item' }, do: [{ a: { set: 1 } }] });
  fireEvent.change(screen.getByLabelText(/^List/), { target: { value: '${ input.lines }' } });
  expect(change.mock.lastCall).toEqual([{ for: { in: '${ input.lines }', each: 'item' }, do: [{ a: { set: 1 } }] }, 'for/in']);
});

it('edits which events are waited for, and for how many of them', async () => {
  const { change } = draw({ listen: { to: { one: { with: { type: 'paid' } } } } });
  await userEvent.click(screen.getByLabelText('Waits for'));
  await userEvent.click(screen.getByRole('option', { name: 'All of several' }));
  expect(change.mock.lastCall?.[0].listen).toEqual({ to: { all: [{ with: { type: 'paid' } }] } });
});

it('edits a list of events, one a line', () => {
  const { change } = draw({ listen: { to: { any: [{ with: { type: 'paid' } }] } } });
  fireEvent.change(screen.getByLabelText(/^Types of the events/), { target: { value: 'paid\nsent' } });
  expect(change.mock.lastCall).toEqual([{ listen: { to: { any: [{ with: { type: 'paid' } }, { with: { type: 'sent' } }] } } }, 'listen']);
});
