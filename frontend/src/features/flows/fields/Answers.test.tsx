import { fireEvent, render, screen } from '@testing-library/react';
import i18next from 'i18next';
import { useState } from 'react';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { Json } from '@/values/json';
import en from '../locales/en.json';
import { Answers } from './Answers';
import { anotherAnswer, answersOf, readAnswer } from './answers';

const texts = i18next.createInstance();
beforeAll(() => texts.use(initReactI18next).init({ lng: 'en', resources: { en: { flows: en } }, interpolation: { escapeValue: false } }));

const changed = vi.fn();
beforeEach(() => void changed.mockClear());

function Held({ first }: { first: Json | undefined }) {
  const [value, setValue] = useState(first);
  const change = (next: Json | undefined) => {
    changed(next);
    setValue(next);
  };
  return (
    <I18nextProvider i18n={texts}>
      <Answers label="Choices" value={value} onChange={change} fields={[{ id: 'State', title: 'State of it' }]} />
    </I18nextProvider>
  );
}

it('has a row for each answer, to be changed, added and removed', () => {
  render(<Held first={[{ value: 'yes', label: 'Yes' }]} />);
  fireEvent.change(screen.getByRole('textbox', { name: 'Label' }), { target: { value: 'Yes, sell it' } });
  expect(changed).toHaveBeenLastCalledWith([{ value: 'yes', label: 'Yes, sell it' }]);
  fireEvent.click(screen.getByRole('button', { name: 'Add answer' }));
  expect(changed).toHaveBeenLastCalledWith([{ value: 'yes', label: 'Yes, sell it' }, { value: 2, label: '' }]);
  fireEvent.change(screen.getAllByRole('textbox', { name: 'Value' })[1] as HTMLElement, { target: { value: 'no' } });
  fireEvent.click(screen.getByRole('button', { name: 'Remove Yes, sell it' }));
  expect(changed).toHaveBeenLastCalledWith([{ value: 'no', label: '' }]);
  fireEvent.click(screen.getByRole('button', { name: 'Remove no' }));
  expect(changed).toHaveBeenLastCalledWith(undefined);
});

it('offers the values of a field in their place', async () => {
  render(<Held first={{ field: 'State' }} />);
  expect(screen.queryByRole('button', { name: 'Add answer' })).toBeNull();
  fireEvent.mouseDown(screen.getByRole('combobox', { name: 'Answers' }));
  fireEvent.click(await screen.findByRole('option', { name: 'Of your own' }));
  expect(changed).toHaveBeenLastCalledWith(undefined);
  expect(screen.getByRole('button', { name: 'Add answer' })).toBeTruthy();
});

it('leaves alone what is no list of answers', () => {
  render(<Held first="${ input.choices }" />);
  expect(screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Choices' }).value).toBe('${ input.choices }');
});

it('reads answers', () => {
  expect(answersOf([{ value: 1, label: 'One' }, { value: 'x' }])).toEqual([{ value: 1, label: 'One' }, { value: 'x', label: '' }]);
  for (const other of ['${ a }', { field: 'State' }, ['yes'], [{ value: 1, hint: 'x' }], [{ value: { a: 1 } }]]) expect(answersOf(other)).toBeUndefined();
  expect(anotherAnswer([{ value: 2, label: '' }, { value: '3', label: '' }])).toEqual({ value: 4, label: '' });
  expect(['1', '-2', '01', '1.5', 'yes', ''].map(readAnswer)).toEqual([1, -2, '01', '1.5', 'yes', '']);
});
