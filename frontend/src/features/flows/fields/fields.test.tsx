import { fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { type ReactElement, useState } from 'react';
import { I18nextProvider, initReactI18next } from 'react-i18next';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Json } from '@/values/json';
import en from '../locales/en.json';
import { Loose, Settled, Whole } from './basic';
import { Mapping } from './Mapping';

const texts = i18next.createInstance();
beforeAll(() => texts.use(initReactI18next).init({ lng: 'en', resources: { en: { flows: en } }, interpolation: { escapeValue: false } }));

const draw = (element: ReactElement) => render(<I18nextProvider i18n={texts}>{element}</I18nextProvider>);

describe('a mapping', () => {
  const changed = vi.fn();

  function Held({ value: first }: { value: Record<string, Json | undefined> }) {
    const [value, setValue] = useState(first);
    const change = (next: Readonly<Record<string, Json | undefined>> | undefined) => {
      changed(next);
      setValue(next ?? {});
    };
    return <Mapping label="Fields" value={value} onChange={change} names={['Number', 'Total']} same={(name) => `item.${name}`} texts problems={(name) => (name === 'Total' ? [{ message: 'unknown' }] : [])} />;
  }

  it('adds, writes, renames at its place and removes', () => {
    draw(<Held value={{ Number: 'item.n', Other: 'item.o' }} />);
    fireEvent.change(screen.getByLabelText('Value of Number'), { target: { value: 'item.n1' } });
    expect(changed).toHaveBeenLastCalledWith({ Number: 'item.n1', Other: 'item.o' });
    const name = screen.getByLabelText('Name Number');
    fireEvent.change(name, { target: { value: 'Sum' } });
    fireEvent.blur(name);
    expect(Object.keys(changed.mock.lastCall?.[0] as object)).toEqual(['Sum', 'Other']);
    fireEvent.click(screen.getByLabelText('Remove Other'));
    expect(changed).toHaveBeenLastCalledWith({ Sum: 'item.n1' });
    fireEvent.click(screen.getByText('Add all 2'));
    expect(changed).toHaveBeenLastCalledWith({ Sum: 'item.n1', Number: 'item.Number', Total: 'item.Total' });
    expect(screen.getByText('unknown')).toBeTruthy();
  });
});

describe('a field', () => {
  it('takes JSON over once it can be read', () => {
    const change = vi.fn();
    draw(<Loose label="Value" value={undefined} onChange={change} />);
    const field = screen.getByLabelText('Value');
    fireEvent.change(field, { target: { value: '{"a":' } });
    expect(change).not.toHaveBeenCalled();
    expect(screen.getByText('This is not JSON yet')).toBeTruthy();
    fireEvent.change(field, { target: { value: '{"a": 1}' } });
    expect(change).toHaveBeenLastCalledWith({ a: 1 });
    expect(screen.queryByText('This is not JSON yet')).toBeNull();
  });

  it('takes whole numbers only', () => {
    const change = vi.fn();
    draw(<Whole label="Limit" value={5} onChange={change} />);
    fireEvent.change(screen.getByLabelText('Limit'), { target: { value: '5x' } });
    expect(change).not.toHaveBeenCalled();
    expect(screen.getByText('A whole number, please')).toBeTruthy();
    fireEvent.change(screen.getByLabelText('Limit'), { target: { value: '12' } });
    expect(change).toHaveBeenLastCalledWith(12);
  });

  it('takes a name over when it is left, if it is free', async () => {
    const change = vi.fn();
    draw(<Settled label="Name" value="a" taken={(name) => (name === 'b' ? 'taken' : undefined)} onChange={change} />);
    const field = screen.getByLabelText('Name');
    await userEvent.clear(field);
    await userEvent.type(field, 'b');
    expect(screen.getByText('taken')).toBeTruthy();
    await userEvent.type(field, 'c{Enter}');
    expect(change.mock.calls).toEqual([['bc']]);
  });
});
